import { expect, test } from "vitest";
import { endOf } from "./pairing.ts";

test("a step of a pairing may be done again unless the pairing has ended", () => {
  for (const code of ["unreachable", "paired-not-stored", "paired-not-committed", "session-ended", "rate-limited"]) {
    expect(endOf({ code, uncertain: true }, "locked"), code).toBeNull();
  }
});

test("of a pairing that has ended nobody reads that trying again finishes it", () => {
  for (const code of ["locked", "cancelled"]) {
    expect(endOf({ code, uncertain: true }, "no-pairing")).toEqual({ code: "no-pairing", uncertain: false });
    expect(endOf({ code, uncertain: true }, "locked")).toEqual({ code: "locked", uncertain: false });
  }
  expect(endOf({ code: "pairing-refused", uncertain: true, over: true }, "locked")).toEqual({
    code: "pairing-refused",
    uncertain: false,
    over: true,
  });
});
