/** A secret that another wallet takes exactly as it is: what could be overlooked in it is marked. */

import { edges } from "./one-line.ts";

/** A part of a secret. `space`: white space at an end. `unseen`: one character that cannot be seen. */
export interface Piece {
  readonly text: string;
  readonly is: "seen" | "space" | "unseen";
}

/** The parts of a secret, in order. `unseen` has the places of characters that cannot be seen, by code points from 0. */
export function pieces(secret: string, unseen: readonly number[]): readonly Piece[] {
  const [before, , after] = edges(secret);
  const characters = [...secret];
  const [start, end] = [[...before].length, characters.length - [...after].length];
  const hidden = new Set(unseen);
  const all: Piece[] = [];
  for (const [at, text] of characters.entries()) {
    const is = hidden.has(at) ? "unseen" : at < start || at >= end ? "space" : "seen";
    const last = all.at(-1);
    if (last?.is === is && is !== "unseen") {
      all[all.length - 1] = { text: last.text + text, is };
    } else {
      all.push({ text, is });
    }
  }
  return all;
}

/** A character by its number, such as `U+200B`. */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
