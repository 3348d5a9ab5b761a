/** Words that are typed one by one: what a phrase or a recovery code is made of. */

import type { PhraseCheck, WrongWord } from "../api.ts";

/** How many words a BIP-39 phrase may have. */
export const COUNTS = [12, 15, 18, 21, 24] as const;
/** How many words a recovery code has. */
export const CODE_WORDS = 12;

/** One place for each word; empty where nothing is typed yet. */
export type Words = readonly string[];

/** What was found on the list for a word that is being typed. */
export interface Found {
  readonly for: string;
  readonly words: readonly string[];
}

export function emptyWords(count: number): Words {
  return Array.from({ length: count }, () => "");
}

/** More words than a phrase or a code can have. Nothing is filled in before it is known what they are. */
export interface Extra {
  /** The words that fill the grid. */
  readonly words: Words;
  /** Where the focus goes then. */
  readonly at: number;
  /** How many words were found. */
  readonly found: number;
  /** What follows the words, as it was pasted. */
  readonly rest: string;
}

/** What was typed or pasted: filled in, or more than fits. */
export type Entered = { readonly words: Words; readonly at: number; readonly extra?: undefined } | { readonly extra: Extra };

const SEPARATORS = /[^\s,;\-–]+/gu;

/** The words of a text, between any white space; commas, hyphens and the numbers before words of a list are left out. */
export function splitWords(text: string): string[] {
  return wordsIn(text).map(({ word }) => word);
}

/** Each word, and where it ends in the text. */
function wordsIn(text: string): { word: string; end: number }[] {
  return [...text.matchAll(SEPARATORS)]
    .map((match) => ({ word: plain(match[0]), end: match.index + match[0].length }))
    .filter(({ word }) => word !== "");
}

function plain(word: string): string {
  return word.replace(/^\p{Nd}+[.):]?/u, "").toLowerCase();
}

/**
 * Types into one place. A paste of a whole phrase replaces all of the grid, which grows or shrinks to hold it. Fewer words fill the
 * places from this one. What does not fit is never dropped: it is given back.
 */
export function typed(words: Words, at: number, text: string, most: number): Entered {
  const parts = wordsIn(text);
  if (parts.length <= 1 && !/\s/u.test(text)) {
    return { words: words.with(at, text.toLowerCase()), at };
  }
  const isWhole = parts.length >= CODE_WORDS;
  const start = isWhole ? 0 : at;
  const fitting = isWhole ? fits(parts.length, most) : Math.min(parts.length, most - start);
  const found = parts.slice(0, fitting).map(({ word }) => word);
  const size = isWhole ? nextCount(fitting, most) : Math.max(words.length, nextCount(start + fitting, most));
  const former = isWhole ? [] : words;
  const next = Array.from({ length: size }, (_, place) => found[place - start] ?? former[place] ?? "");
  const last = Math.min(start + Math.max(fitting, 1), size - 1);
  const rest = restOf(text, parts[fitting - 1]?.end ?? 0, fitting);
  if (fitting === parts.length && (!isWhole || rest === "")) {
    return { words: next, at: last };
  }
  return { extra: { words: next, at: last, found: Math.max(parts.length, fitting + 1), rest } };
}

/** What follows the words, without the number that it has in a numbered list; empty where only commas follow. */
function restOf(text: string, end: number, words: number): string {
  const rest = text.slice(end).replace(/^[\s,;]+|[\s,;]+$/gu, "");
  const isNumbered = /^\s*1[.):]/u.test(text);
  return isNumbered ? rest.replace(new RegExp(`^${words + 1}[.):]\\s*`, "u"), "") : rest;
}

/** How many of the words are taken for a phrase: one more than a phrase has is no word of it, and usually a BIP-39 passphrase. */
function fits(found: number, most: number): number {
  const isOneMore = COUNTS.some((size) => size === found - 1);
  return Math.min(isOneMore ? found - 1 : found, most);
}

/** Takes a word of the list, and goes on to the next place. */
export function picked(words: Words, at: number, word: string): { words: Words; at: number } {
  return { words: words.with(at, word), at: Math.min(at + 1, words.length - 1) };
}

/** More or fewer places; what was typed stays where it is. */
export function resized(words: Words, count: number): Words {
  return Array.from({ length: count }, (_, place) => words[place] ?? "");
}

/** Whether every place holds a word. */
export function isComplete(words: Words): boolean {
  return words.every((word) => word !== "");
}

function nextCount(count: number, most: number): number {
  return COUNTS.find((size) => size >= count) ?? most;
}

/** The wrong words to mark: one that is being typed only when no word of the list begins so. */
export function shownWrong(
  check: PhraseCheck | null,
  at: number | null,
  current: string,
  found: Found | null,
): readonly WrongWord[] {
  const all = check !== null && "wrong" in check ? check.wrong : [];
  const mayBecome = found === null || found.for !== current || found.words.length > 0;
  return all.filter(({ position }) => position - 1 !== at || !mayBecome);
}
