/** Why a passphrase is weak: the keys of the estimate (zxcvbn) and of the rule around it, by the reasons that have a text. */

import type { Reason } from "./codes.ts";
import { reasonText } from "./errors.ts";
import type { Texts } from "./texts.ts";

/** Each has a text. The estimate's other keys name nothing that a user could change. */
export const WEAKNESSES: Readonly<Record<string, Reason>> = {
  wellKnown: "well-known",
  holdsName: "hints",
  userInputs: "hints",
  topTen: "common",
  topHundred: "common",
  common: "common",
  similarToCommon: "common",
  pwned: "common",
  wordByItself: "one-word",
  namesByThemselves: "names",
  commonNames: "names",
  straightRow: "pattern",
  keyPattern: "pattern",
  longerKeyboardPattern: "pattern",
  simpleRepeat: "repeat",
  extendedRepeat: "repeat",
  repeated: "repeat",
  sequences: "sequence",
  recentYears: "dates",
  associatedYears: "dates",
  dates: "dates",
  anotherWord: "more-words",
  useWords: "more-words",
};

/** Why a passphrase is weak; each reason once. */
export function weaknessText(texts: Texts, keys: readonly string[]): string {
  const reasons = new Set(keys.map((key) => WEAKNESSES[key]).filter((reason) => reason !== undefined));
  return [...reasons].map((reason) => reasonText(texts, reason)).join(" ");
}
