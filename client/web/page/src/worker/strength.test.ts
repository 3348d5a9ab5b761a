import { ZxcvbnFactory, type OptionsType } from "@zxcvbn-ts/core";
import { dictionaries } from "../../build/dictionaries.mjs";
import { expect, test, vi } from "vitest";

vi.mock("./files.ts", () => ({ dictionaries: { path: "", integrity: "" } }));
const { judged, parts } = await import("./strength.ts");

const estimate = new ZxcvbnFactory(dictionaries as unknown as OptionsType);

test.each(["hunter2hunter2", "alice1984", "correct horse", "qwertyuiop", ""])("%s is weak", (text) => {
  expect(judged(estimate, text, ["alice"]).strong).toBe(false);
});

test.each([
  ["Correct Horse Battery Staple", "wellKnown"],
  ["correct-horse-battery-staple!", "wellKnown"],
  ["alice.von.wunder-land-1!", "holdsName"],
])("names and quotations do not count: %s", (text, reason) => {
  const judgement = judged(estimate, text, ["alice_von_wunderland"]);
  expect(judgement.strong).toBe(false);
  expect(judgement.reasons).toEqual([reason]);
});

test("what stands beside a name may be strong", () => {
  const text = "alicevonwunderland glacier viola tundra ocelot";
  expect(judged(estimate, text, ["alice_von_wunderland"]).strong).toBe(true);
});

test("six random words are strong, and so is what is very long", () => {
  expect(judged(estimate, "glacier-viola-tundra-ocelot-amused-token", ["alice"])).toEqual({
    strong: true,
    score: 4,
    reasons: [],
  });
  expect(judged(estimate, "Zq8#v".repeat(200), []).strong).toBe(false);
});

test("why something is weak is said by keys, never by what was typed", () => {
  const { reasons } = judged(estimate, "password1", []);
  expect(reasons.length).toBeGreaterThan(0);
  for (const reason of reasons) expect(reason).toMatch(/^[a-zA-Z0-9]+$/);
});

test("of a vault's address its host counts, and the names in it", () => {
  expect(parts("https://vault.orchard.example:8443")).toEqual(["vault.orchard.example", "vault", "orchard", "example"]);
  expect([parts("alice"), parts("user:alice1984"), parts("")]).toEqual([["alice"], ["user:alice1984"], []]);
  const hints = parts("https://vault.orchard.example");
  expect(judged(estimate, "vault.orchard.example-7!", hints).reasons).toEqual(["holdsName"]);
});
