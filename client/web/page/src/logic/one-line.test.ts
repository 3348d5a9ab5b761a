import { describe, expect, it, test } from "vitest";
import { edges, hasSeveralLines, isOneLine } from "./one-line.ts";

const pasted = (text: string) => ({ getData: (type: string) => (type === "text/plain" ? text : "") });

describe("what is pasted into a field of one line", () => {
  test.each(["", "abc", "abc\n", "abc\r\n", " abc "])("may be %j", (text) => {
    expect(hasSeveralLines(pasted(text))).toBe(false);
  });

  test.each(["abc\ndef", "abc\n\n", "abc\r\n\r\n", "\nabc", "abc\r", "a\u2028b"])("may not be %j", (text) => {
    expect(hasSeveralLines(pasted(text))).toBe(true);
  });

  it("may be nothing", () => {
    expect(hasSeveralLines(null)).toBe(false);
  });
});

test("a line is a text without line breaks of any system", () => {
  for (const text of ["", "abc", " a\tb "]) expect(isOneLine(text), text).toBe(true);
  for (const text of ["a\nb", "a\n", "\ra", "a\u0085b", "a\u2028"]) expect(isOneLine(text), text).toBe(false);
});

test("spaces at the ends are told from the rest", () => {
  expect(edges(" a b  ")).toEqual([" ", "a b", "  "]);
  expect(edges("ab")).toEqual(["", "ab", ""]);
  expect(edges("   ")).toEqual(["   ", "", ""]);
});
