import { describe, expect, it } from "vitest";
import { random, twoPlaces, wrongPlaces } from "./confirm.ts";

const CODE = "legal winner thank year wave sausage worth useful letter advice cage absurd".split(" ");

describe("the two places", () => {
  it("are different, in order, and each of them is asked for some time", () => {
    const seen = new Set<number>();
    for (let first = 0; first < 12; first++) {
      for (let second = 0; second < 11; second++) {
        const draws = [first / 12 + 0.01, second / 11 + 0.01];
        const [a, b] = twoPlaces(12, () => draws.shift() ?? 0);
        expect(a).toBeLessThan(b);
        expect(a).toBeGreaterThanOrEqual(1);
        expect(b).toBeLessThanOrEqual(12);
        seen.add(a).add(b);
      }
    }
    expect(seen.size).toBe(12);
  });

  it("are drawn from the browser's randomness", () => {
    const number = random();
    expect(number >= 0 && number < 1).toBe(true);
  });
});

describe("confirming", () => {
  it("takes the right words in any case", () => {
    expect(wrongPlaces(CODE, [1, 12], ["legal", " Absurd "])).toEqual([]);
  });

  it("names the places of wrong words", () => {
    expect(wrongPlaces(CODE, [1, 12], ["winner", "absurd"])).toEqual([1]);
    expect(wrongPlaces(CODE, [1, 12], ["absurd", "legal"])).toEqual([1, 12]);
    expect(wrongPlaces(CODE, [3, 4], ["thank"])).toEqual([4]);
  });
});
