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

/** The words of a text, between any white space; commas, hyphens and the numbers before words of a list are left out. */
export function splitWords(text: string): string[] {
  return text
    .split(/[\s,;\-–]+/u)
    .map((word) => word.replace(/^\p{Nd}+[.):]?/u, "").toLowerCase())
    .filter((word) => word !== "");
}

/** Types into one place. Several words at once, as from a paste, fill the places that follow, which grow to hold them. */
export function typed(words: Words, at: number, text: string, most: number): { words: Words; at: number } {
  const parts = splitWords(text);
  if (parts.length <= 1 && !/\s/u.test(text)) {
    return { words: words.with(at, text.toLowerCase()), at };
  }
  // A whole phrase replaces whatever stood there.
  const start = parts.length >= CODE_WORDS ? 0 : at;
  const size = Math.min(most, Math.max(words.length, nextCount(start + parts.length, most)));
  const next = Array.from({ length: size }, (_, place) => parts[place - start] ?? words[place] ?? "");
  const last = Math.min(start + Math.max(parts.length, 1), size - 1);
  return { words: start === 0 && parts.length >= CODE_WORDS ? next.slice(0, nextCount(parts.length, most)) : next, at: last };
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
