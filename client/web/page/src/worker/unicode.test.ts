import { readFileSync, readdirSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { areAssigned, inForm } from "./unicode.ts";

const NFD = 0;
const NFKC = 1;
const NFKD = 2;
const LOWER = 3;
const FOLDED = 4;

interface Vector {
  readonly input: string;
  readonly result: string;
  readonly normalised?: string;
}

/** The vectors of the protocol's section 3. */
function vectors(folder: string): [string, Vector][] {
  const path = new URL(`../../../../../spec/vectors/${folder}/`, import.meta.url);
  return readdirSync(path).map((name) => [name, JSON.parse(readFileSync(new URL(name, path), "utf8")) as Vector]);
}

describe("the browser's forms are the protocol's", () => {
  test.each(vectors("names"))("name %s", (name, { input, result, normalised }) => {
    const typed = input.trim();
    expect(areAssigned(typed)).toBe(!["unassigned.json", "private-use.json"].includes(name));
    if (result !== "valid") return;
    let formed = inForm(NFD, typed);
    for (let turn = 0; turn < 2; turn += 1) formed = inForm(NFKC, inForm(FOLDED, formed));
    expect(formed).toBe(normalised);
  });

  test.each(vectors("passphrases"))("passphrase %s", (_, { input, result, normalised }) => {
    if (result !== "valid") return;
    expect(Buffer.from(inForm(NFKD, input.trim())).toString("hex")).toBe(normalised);
  });
});

test("foldings that a browser's cases do not give", () => {
  for (const [character, folded] of [
    ["\u0131", "\u0131"],
    ["\u0130", "i\u0307"],
    ["\u1e9e", "ss"],
    ["\u00df", "ss"],
    ["\u03a3", "\u03c3"],
    ["\u03c2", "\u03c3"],
    ["\u13a0", "\u13a0"],
    ["\uab70", "\u13a0"],
    ["\u13f8", "\u13f0"],
    ["\u10d0", "\u10d0"],
    ["\u1c90", "\u10d0"],
    ["\ufb03", "ffi"],
  ] as const) {
    expect(inForm(FOLDED, character), character).toBe(folded);
  }
});

test("a word's case does not depend on its place", () => {
  expect(inForm(LOWER, "\u039f\u03a3")).toBe("\u03bf\u03c3");
  expect(inForm(LOWER, "\u00c1BACO")).toBe("a\u0301baco");
});

test("noncharacters and what is private are not assigned", () => {
  for (const text of ["\u0378", "\ue000", "\ufdd0", "\u{10ffff}"]) expect(areAssigned(text), text).toBe(false);
  for (const text of ["", "a\u0301", "\u{1f600}", "\u0007"]) expect(areAssigned(text), text).toBe(true);
});

/** What the library has: runs of assigned characters, and how characters fold (`client/core/src/text/unicode.rs`). */
function table() {
  const path = new URL("../../../../../spec/unicode.txt", import.meta.url);
  const [, ...lines] = readFileSync(path, "utf8").trim().split("\n");
  const text = (codes: string) => codes.split(" ").map((code) => String.fromCodePoint(parseInt(code, 16))).join("");
  const runs = lines.filter((line) => line.startsWith("+")).map((line) => line.slice(1).split("-").map((code) => parseInt(code, 16)));
  const folds = lines.filter((line) => !line.startsWith("+")).map((line): [string, string] => {
    const [code = "", ...rest] = line.split(" ");
    return [text(code), text(rest.join(" "))];
  });
  return { runs, folds: new Map(folds) };
}

test("every character that the library takes folds here as there", () => {
  const { runs, folds } = table();
  const wrong: string[] = [];
  let count = 0;
  for (const [first = 0, last = 0] of runs) {
    for (let code = first; code <= last; code += 1) {
      const character = String.fromCodePoint(code);
      count += 1;
      if (!areAssigned(character) || inForm(FOLDED, character) !== (folds.get(character) ?? character)) wrong.push(code.toString(16));
    }
  }
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(150_000);
  expect(folds.size).toBeGreaterThan(1_500);
});

test("what the library does not take is not taken here, whatever the browser knows", () => {
  const { runs } = table();
  const taken: string[] = [];
  let next = 0;
  for (const [first = 0, last = 0] of [...runs, [0x110000, 0]]) {
    for (; next < first; next += 1) if (areAssigned(String.fromCodePoint(next))) taken.push(next.toString(16));
    next = last + 1;
  }
  expect(taken).toEqual([]);
});

describe("a browser with several tables", () => {
  afterEach(() => vi.restoreAllMocks());

  test("does not take what its strings do not know to fold", () => {
    vi.spyOn(String.prototype, "toLowerCase").mockImplementation(function (this: string) {
      return String(this);
    });
    expect([areAssigned("a\u00c4"), areAssigned("a\u00e4")]).toEqual([false, true]);
  });

  test("does not take what its strings may not know to normalise", () => {
    vi.spyOn(String.prototype, "normalize").mockImplementation(function (this: string) {
      return String(this);
    });
    for (const young of ["\u0897", "\u0ece", "\u{105c9}", "\u{1ccd6}"]) expect(areAssigned(`a${young}`), young).toBe(false);
    for (const old of ["\u00e4", "\u4e2d", "\u{1f600}"]) expect(areAssigned(`a${old}`), old).toBe(true);
  });
});
