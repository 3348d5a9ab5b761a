import { describe, expect, it } from "vitest";
import { COUNTS, emptyWords, isComplete, pasted, picked, resized, shownWrong, splitWords, typed as entered, type Words } from "./words.ts";

/** What is filled in where all of it fits. */
function typed(words: Words, at: number, text: string, most: number): { words: Words; at: number } {
  const filled = entered(words, at, text, most);
  if (!("words" in filled)) {
    throw new Error(`is asked about: ${JSON.stringify(filled)}`);
  }
  return filled;
}

const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";

describe("words", () => {
  it("are read from lists, with numbers, lines and commas", () => {
    expect(splitWords(" 1. Legal\n2) winner, thank;year ")).toEqual(["legal", "winner", "thank", "year"]);
    expect(splitWords("legal-winner")).toEqual(["legal", "winner"]);
    expect(splitWords("あいこくしん\u3000あいさつ")).toEqual(["あいこくしん", "あいさつ"]);
    expect(splitWords(" \n ")).toEqual([]);
  });

  it("are typed one by one, in lower case", () => {
    expect(typed(emptyWords(12), 2, "Lega", 24)).toEqual({ words: resized(["", "", "lega"], 12), at: 2 });
  });

  it("go on to the next place where a space follows", () => {
    const { words, at } = typed(emptyWords(12), 0, "legal ", 24);
    expect(words[0]).toBe("legal");
    expect(at).toBe(1);
  });

  it("fill all places from a paste into any of them", () => {
    const { words } = typed(resized(["x", "y"], 12), 7, PHRASE, 24);
    expect(words.join(" ")).toBe(PHRASE);
    expect(isComplete(words)).toBe(true);
  });

  it("grow to hold a longer phrase, and shrink to hold a shorter one", () => {
    expect(typed(emptyWords(12), 0, `${PHRASE} ${PHRASE}`, 24).words).toHaveLength(24);
    expect(typed(emptyWords(24), 0, PHRASE, 24).words).toHaveLength(12);
    const fifteen = typed(emptyWords(12), 0, `${PHRASE} act add age`, 24).words;
    expect(fifteen).toHaveLength(15);
    expect(isComplete(fifteen)).toBe(true);
  });

  it("never become more than there may be", () => {
    const { extra } = entered(emptyWords(12), 0, `${PHRASE} ${PHRASE}`, 12);
    expect(extra?.words.join(" ")).toBe(PHRASE);
    expect([extra?.found, extra?.rest]).toEqual([24, PHRASE]);
  });

  it("beyond a phrase are never dropped, whatever its length", () => {
    for (const count of COUNTS) {
      const phrase = Array.from({ length: count }, () => "act").join(" ");
      const { extra } = entered(emptyWords(12), 3, `${phrase} Hunter-2`, 24);
      expect(extra?.words, `${count}`).toHaveLength(count);
      expect(extra?.words.every((word) => word === "act")).toBe(true);
      // As it was pasted: a passphrase is not a word of a list.
      expect([extra?.rest, extra !== undefined && extra.found > count]).toEqual(["Hunter-2", true]);
    }
    const digits = entered(emptyWords(12), 0, `${PHRASE}, 1234`, 24).extra;
    expect([digits?.words.join(" "), digits?.found, digits?.rest]).toEqual([PHRASE, 13, "1234"]);
    const listed = PHRASE.split(" ").map((word, at) => `${at + 1}. ${word}`);
    expect(entered(emptyWords(12), 0, [...listed, "13. secret"].join("\n"), 24).extra?.rest).toBe("secret");
    expect(typed(emptyWords(12), 0, `${PHRASE},\n`, 24).words.join(" ")).toBe(PHRASE);
    const long = entered(emptyWords(12), 0, `${PHRASE} ${PHRASE} correct Horse  battery`, 24).extra;
    expect([long?.words.length, long?.found, long?.rest]).toEqual([24, 27, "correct Horse  battery"]);
  });

  it("are followed by a passphrase exactly, without what separates it and without the line ending", () => {
    const rest = (after: string) => pasted(emptyWords(12), 0, `${PHRASE} ${PHRASE}${after}`, 24).extra?.rest;
    for (const passphrase of ["Hunter2;", "Hunter2,", " Hunter2", "Hunter2 ", "a  b", "a\nb", "\u200bHunter2", "2024", "#13. x"]) {
      for (const separator of [" ", "\n", "\r\n", ", ", "; ", "\u3000"]) {
        for (const ending of ["", "\n", "\r\n"]) expect(rest(`${separator}${passphrase}${ending}`)).toBe(passphrase);
      }
    }
    expect(rest(",Hunter2;")).toBe("Hunter2;");
    const listed = PHRASE.split(" ").map((word, at) => `${at + 13}) ${word}`);
    expect(pasted(emptyWords(12), 0, [...listed, "25) 2b "].join("\r\n"), 24).extra?.rest).toBe("2b ");
    for (const nothing of ["", " ", ",", "\n\n", " ;\r\n"]) expect(rest(nothing)).toBeUndefined();
  });

  it("that end a phrase part by part are followed by it too", () => {
    const { extra } = pasted(resized(PHRASE.split(" ").slice(0, 10), 12), 10, "thank yellow 2024", 24);
    expect([extra?.words.join(" "), extra?.rest]).toEqual([PHRASE, "2024"]);
    expect(typed(resized(["legal"], 12), 1, "2. winner 3.", 24).words.slice(0, 3)).toEqual(["legal", "winner", ""]);
  });

  it("of a paste that lacks some leave nothing of what stood there", () => {
    const former = Array.from({ length: 24 }, () => "zoo");
    const pasted = typed(former, 5, Array.from({ length: 23 }, () => "act").join(" "), 24);
    expect(pasted.words).toEqual([...Array.from({ length: 23 }, () => "act"), ""]);
    expect(pasted.at).toBe(23);
  });

  it("of a part that does not fit are not dropped either", () => {
    const { extra } = entered(emptyWords(24), 22, "legal winner thank", 24);
    expect([extra?.words[22], extra?.words[23], extra?.rest]).toEqual(["legal", "winner", "thank"]);
  });

  it("of a part that is pasted fill the places that follow", () => {
    const { words, at } = typed(resized(["legal"], 12), 1, "winner thank year", 24);
    expect(words.slice(0, 5)).toEqual(["legal", "winner", "thank", "year", ""]);
    expect(at).toBe(4);
  });

  it("of a second paste may continue the first, or replace it, and neither is done unasked", () => {
    const other = Array.from({ length: 12 }, () => "act").join(" ");
    const full = PHRASE.split(" ");
    for (const [words, at] of [[resized(full, 24), 12], [full, 0], [full, 11], [[...full, ...full], 12]] as const) {
      const { choice } = pasted(words, at, other, 24);
      expect([choice?.found, choice?.before]).toEqual([12, 12]);
      expect(choice?.continued).toEqual({ words: `${PHRASE} ${other}`.split(" "), at: 23 });
      expect(choice?.replaced).toEqual({ words: other.split(" "), at: 11 });
    }
    const { choice } = pasted(full, 3, `${other} Hunter2`, 24);
    expect([choice?.found, choice?.continued.extra?.rest, choice?.replaced.extra?.rest]).toEqual([13, "Hunter2", "Hunter2"]);
    expect(entered(full, 3, `${other} `, 24).choice?.before).toBe(12);
  });

  it("of a second paste replace the first where they cannot continue it", () => {
    const full = PHRASE.split(" ");
    expect(typed(full, 0, `${PHRASE} ${PHRASE}`, 24).words).toHaveLength(24);
    expect(typed([...full, ...full], 3, `${PHRASE} act act act`, 24).words).toHaveLength(15);
    // The same words once more, a recovery code, and a grid in which a word is missing before this place.
    expect(typed(full, 0, PHRASE, 24).words.join(" ")).toBe(PHRASE);
    expect(typed(Array.from({ length: 12 }, () => "act"), 0, PHRASE, 12).words.join(" ")).toBe(PHRASE);
    expect(typed(resized(full.slice(0, 11), 24), 12, PHRASE, 24).words.join(" ")).toBe(PHRASE);
  });

  it("are taken from the suggestions", () => {
    expect(picked(emptyWords(12), 11, "zoo")).toEqual({ words: [...emptyWords(11), "zoo"], at: 11 });
    expect(picked(emptyWords(12), 0, "zoo").at).toBe(1);
  });

  it("stay when there are to be more of them", () => {
    expect(resized(["a", "b"], 3)).toEqual(["a", "b", ""]);
    expect(isComplete(resized(["a", "b"], 3))).toBe(false);
  });
});

describe("a wrong word", () => {
  const wrong = [{ position: 2, nearest: ["absurd"] }, { position: 3, nearest: [] }];
  const check = { state: "incomplete", wrong } as const;

  it("is marked at once where it is not being typed", () => {
    expect(shownWrong(check, null, "", null)).toEqual(wrong);
    expect(shownWrong(check, 5, "ab", { for: "ab", words: ["able"] })).toEqual(wrong);
  });

  it("that is being typed is marked only when no word begins so", () => {
    expect(shownWrong(check, 1, "abs", { for: "abs", words: ["absurd"] })).toEqual([wrong[1]]);
    expect(shownWrong(check, 1, "absq", { for: "abs", words: ["absurd"] })).toEqual([wrong[1]]);
    expect(shownWrong(check, 1, "absq", { for: "absq", words: [] })).toEqual(wrong);
  });

  it("is none where the words were not judged, or fit", () => {
    expect(shownWrong(null, null, "", null)).toEqual([]);
    expect(shownWrong({ state: "good", language: "english" }, null, "", null)).toEqual([]);
  });
});
