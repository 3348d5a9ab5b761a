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

/** A paste that may continue the words that are there, or replace them. Nothing is filled in before it is known which. */
export interface Choice {
  /** How many words were pasted. */
  readonly found: number;
  /** How many words are there before them. */
  readonly before: number;
  readonly continued: Entered;
  readonly replaced: Entered;
}

/** What was typed or pasted: filled in, or something to be asked first. */
export type Entered =
  | { readonly words: Words; readonly at: number; readonly extra?: undefined; readonly choice?: undefined }
  | { readonly extra: Extra; readonly choice?: undefined }
  | { readonly choice: Choice; readonly extra?: undefined };

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

/** Types into one place. A space ends a word, and several words are taken like pasted ones. */
export function typed(words: Words, at: number, text: string, most: number): Entered {
  const isOne = wordsIn(text).length <= 1 && !/\s/u.test(text);
  return isOne ? { words: words.with(at, text.toLowerCase()), at } : pasted(words, at, text, most);
}

/**
 * Pastes into one place. A whole phrase replaces all of the grid, which grows or shrinks to hold it, unless it may be the second
 * part of a longer one. Fewer words fill the places from this one. What does not fit is never dropped: it is given back.
 */
export function pasted(words: Words, at: number, text: string, most: number): Entered {
  const parts = wordsIn(text);
  if (parts.length < CODE_WORDS) {
    return filled(words, at, text, parts.length, most);
  }
  const found = fits(parts.length, most);
  const replaced = filled([], 0, text, found, most);
  const before = continues(words, at);
  if (before === 0 || before + found > most || isSame(replaced, words)) {
    return replaced;
  }
  return { choice: { found: parts.length, before, continued: filled(words, before, text, found, most), replaced } };
}

/** How many words a paste of a whole phrase may continue: those before this place, or all where the grid is full. */
function continues(words: Words, at: number): number {
  if (at >= CODE_WORDS && isComplete(words.slice(0, at))) {
    return at;
  }
  return isComplete(words) && COUNTS.some((size) => size === words.length) ? words.length : 0;
}

function isSame(entered: Entered, words: Words): boolean {
  return "words" in entered && entered.words.join(" ") === words.join(" ");
}

/** Fills the places from `start` with the first words of a text, `count` of them where there is room. */
function filled(former: Words, start: number, text: string, count: number, most: number): Entered {
  const parts = wordsIn(text);
  const fitting = Math.min(count, most - start);
  const found = parts.slice(0, fitting).map(({ word }) => word);
  const size = Math.max(former.length, nextCount(start + fitting, most));
  const next = Array.from({ length: size }, (_, place) => found[place - start] ?? former[place] ?? "");
  const at = Math.min(start + Math.max(fitting, 1), size - 1);
  const rest = restOf(text, parts[fitting - 1]?.end ?? text.length, fitting);
  const isWhole = former.length === 0 || start + fitting === size;
  if (fitting === parts.length && (!isWhole || rest === "")) {
    return { words: next, at };
  }
  return { extra: { words: next, at, found: Math.max(parts.length, fitting + 1), rest } };
}

/** What separates the words from what follows: one character, or a comma and one. */
const SEPARATOR = /^(?:[,;]?(?:\r\n|\s)|[,;])/u;

/**
 * What follows the words, exactly, without what separates it from them and without the line ending of the text; in a numbered list
 * without its number. Empty where only white space and commas follow.
 */
function restOf(text: string, end: number, words: number): string {
  const rest = text.slice(end);
  if (/^[\s,;]*$/u.test(rest)) {
    return "";
  }
  const exact = rest.replace(SEPARATOR, "").replace(/\r?\n$/u, "");
  const first = /^\s*(\d+)[.):]/u.exec(text)?.[1];
  return first === undefined ? exact : exact.replace(new RegExp(`^${Number(first) + words}[.):] ?`, "u"), "");
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
