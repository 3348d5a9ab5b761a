/**
 * How strong a passphrase is: the rule of the library (`client/core/src/text/strength.rs`), by the same estimate for pages. Its
 * dictionaries are a file that is fetched when a passphrase is chosen, and not before.
 */
import { ZxcvbnFactory, type OptionsType } from "@zxcvbn-ts/core";
import type { Judgement, Secret } from "../api.ts";
import { fetchFile } from "./fetch_file.ts";
import { dictionaries } from "./files.ts";

/** The fewest guesses, as a power of ten, that a passphrase must withstand. */
const FEWEST_GUESSES_LOG10 = 12;
/** Passphrases that everybody has read; the estimate takes them for words chosen at random. */
const WELL_KNOWN = [
  "correcthorsebatterystaple",
  "tobeornottobethatisthequestion",
  "thequickbrownfoxjumpsoverthelazydog",
  "itwasthebestoftimesitwastheworstoftimes",
];
/** Shorter hints are part of many words. */
const SHORTEST_HINT = 4;
/** More of a passphrase is not looked at: that much is strong, whatever it is. */
const LONGEST_JUDGED = 128;

let base = "";
let estimating: Promise<ZxcvbnFactory> | undefined;

/** Says where the page's files are. */
export function useDictionaries(address: string): void {
  base = address;
}

/** Judges a passphrase; `hints` are things that a guesser would try first: the account's name, the vault's address. */
export async function judge(passphrase: Secret, hints: readonly string[]): Promise<Judgement> {
  estimating ??= estimator();
  try {
    return judged(await estimating, new TextDecoder().decode(passphrase), ["rootcellar", ...hints.flatMap(parts)]);
  } catch (error) {
    // The file is fetched anew the next time.
    estimating = undefined;
    throw error;
  }
}

async function estimator(): Promise<ZxcvbnFactory> {
  const file = await fetchFile(base, dictionaries);
  return new ZxcvbnFactory({ ...((await file.json()) as OptionsType), maxLength: LONGEST_JUDGED });
}

/** The rule itself. */
export function judged(estimate: ZxcvbnFactory, typed: string, hints: readonly string[]): Judgement {
  const passphrase = typed.trim().normalize("NFKD");
  const plain = letters(passphrase);
  if (WELL_KNOWN.some((known) => plain.includes(known) && plain.length < known.length + 6)) {
    return weak(0, ["wellKnown"]);
  }
  // What a hint contains, in whatever spelling, must not count towards the strength.
  let rest = plain;
  for (const hint of hints.map(letters).filter((hint) => [...hint].length >= SHORTEST_HINT)) {
    rest = rest.replaceAll(hint, "");
  }
  const inputs = [...hints];
  if (rest.length < plain.length && estimate.check(rest, inputs).guessesLog10 < FEWEST_GUESSES_LOG10) {
    return weak(0, ["holdsName"]);
  }
  const { guessesLog10, score, feedback } = estimate.check(passphrase, inputs);
  if (guessesLog10 >= FEWEST_GUESSES_LOG10) return { strong: true, score: 4, reasons: [] };
  const reasons = [feedback.warning, ...feedback.suggestions].filter((reason) => reason !== null);
  return weak(Math.min(score, 3), reasons);
}

/** Of an address the host, and the names that it is made of: nobody takes the rest into a passphrase. */
export function parts(hint: string): string[] {
  // A name may hold a colon, and is then an address to whoever parses it.
  if (!/^https?:\/\//u.test(hint) || !URL.canParse(hint)) return hint === "" ? [] : [hint];
  const { hostname } = new URL(hint);
  return [hostname, ...hostname.split(".").filter((part) => part.length >= SHORTEST_HINT)];
}

/** Letters and digits alone, in lower case. */
function letters(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{Alphabetic}\p{Number}]/gu, "");
}

function weak(score: number, reasons: readonly string[]): Judgement {
  return { strong: false, score, reasons };
}
