/** A language that runs from right to left and is a third longer than English: to look at the layout, never shipped. */

import en from "../../src/texts/en.json";

/** Letters of a right-to-left script that stand for Latin ones; places for values stay. */
const LETTERS = "אבגדהוזחטיכלמנסעפצקרשת";

function turned(text: string): string {
  const turn = (part: string): string =>
    part.replace(/[a-z]/giu, (letter) => LETTERS[letter.toLowerCase().charCodeAt(0) % LETTERS.length] ?? letter);
  const parts = text.split(/(\{\w+\})/u).map((part) => (part.startsWith("{") ? part : turn(part)));
  return `${parts.join("")} ${"ת".repeat(Math.ceil(text.length / 8))}`;
}

function mapped<Value>(value: Value): Value {
  if (typeof value === "string") {
    return turned(value) as Value;
  }
  if (Array.isArray(value)) {
    return value.map(mapped) as Value;
  }
  return Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, mapped(inner)])) as Value;
}

export const pseudo = { ...mapped(en), tag: "he", dir: "rtl" };
