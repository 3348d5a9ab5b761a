import { describe, expect, it } from "vitest";
import { emptyWords, isComplete, picked, resized, shownWrong, splitWords, typed } from "./words.ts";

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
    expect(typed(emptyWords(12), 0, `${PHRASE} ${PHRASE}`, 12).words).toHaveLength(12);
  });

  it("of a part that is pasted fill the places that follow", () => {
    const { words, at } = typed(resized(["legal"], 12), 1, "winner thank year", 24);
    expect(words.slice(0, 5)).toEqual(["legal", "winner", "thank", "year", ""]);
    expect(at).toBe(4);
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
