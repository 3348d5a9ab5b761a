import { describe, expect, it, test } from "vitest";
import { codePoint, pieces } from "./exact.ts";

describe("a secret", () => {
  it("without anything to overlook is one piece", () => {
    expect(pieces("two words", [])).toEqual([{ text: "two words", is: "seen" }]);
    expect(pieces("", [])).toEqual([]);
  });

  it("has its spaces at the ends marked", () => {
    expect(pieces("  a b ", [])).toEqual([
      { text: "  ", is: "space" },
      { text: "a b", is: "seen" },
      { text: " ", is: "space" },
    ]);
  });

  it("has each unseen character marked, also inside and beyond the first plane, and loses none", () => {
    const secret = "\u{1f511}a\u200bb\u200b\u200bc ";
    const all = pieces(secret, [2, 4, 5]);
    expect(all.map(({ is }) => is)).toEqual(["seen", "unseen", "seen", "unseen", "unseen", "seen", "space"]);
    expect(all.filter(({ is }) => is === "unseen").map(({ text }) => text)).toEqual(["\u200b", "\u200b", "\u200b"]);
    expect(all.map(({ text }) => text).join("")).toBe(secret);
  });
});

test("a character is named by its number", () => {
  expect(["\t", "\u00a0", "\u200b", "\u{e0061}"].map(codePoint)).toEqual(["U+0009", "U+00A0", "U+200B", "U+E0061"]);
});
