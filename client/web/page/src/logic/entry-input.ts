/** What is typed beside a phrase, read with care. */

import type { Details, PhraseCheck, Secret } from "../api.ts";
import { InputFailure } from "../app/failure.ts";
import type { Typed } from "../parts/form.tsx";

/** Most bytes of a raw seed, and most derivation paths (protocol.md section 1.1). */
const SEED_BYTES = 64;
const PATHS = 16;

/** A raw seed as its normal hexadecimal; white space between digits and `0x` before them are left out. */
export function hexSeed(text: string): Secret {
  const digits = text.replace(/\s/gu, "").replace(/^0x/iu, "").toLowerCase();
  if (!/^([0-9a-f]{2})+$/u.test(digits)) {
    throw new InputFailure("seed", "not-hex");
  }
  if (digits.length > 2 * SEED_BYTES) {
    throw new InputFailure("seed", "seed-length");
  }
  return new TextEncoder().encode(digits);
}

/** Derivation paths, network and birthday; what was left empty is absent. */
export function details(typed: Pick<Typed, "text">): Details {
  const derivationPaths = typed
    .text("paths")
    .split(/[\n,]/u)
    .map((path) => path.trim())
    .filter((path) => path !== "");
  if (derivationPaths.length > PATHS) {
    throw new InputFailure("paths", "too-many-paths");
  }
  const orNull = (name: string): string | null => typed.text(name).trim() || null;
  return { derivationPaths, network: orNull("network"), birthday: orNull("birthday") };
}

/** Why words are no phrase, at the field that is to be corrected. */
export function refusedPhrase(check: Exclude<PhraseCheck, { state: "good" }>): InputFailure {
  switch (check.state) {
    case "ambiguous":
      return new InputFailure("language", "ambiguous");
    case "incomplete":
    case "wrong-word":
      return new InputFailure(`word-${check.wrong[0]?.position ?? 1}`, "unknown-word");
    default:
      return new InputFailure("word-1", check.state);
  }
}
