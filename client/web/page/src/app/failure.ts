/** What went wrong, as the screens need it. */

import type { Acceptance, Failure } from "../api.ts";

/** What the page itself finds wrong with an input: the field's name, and a key of `texts.reasons`. */
export class InputFailure extends Error implements Failure {
  readonly code = "input";
  readonly uncertain = false;

  /** `fields` where more than one is wrong in the same way. */
  constructor(
    readonly field: string,
    readonly reason: string,
    readonly fields: readonly string[] = [field],
  ) {
    super(reason);
  }
}

/** What a promise of the vault was refused with; anything else is a defect of the page. */
export function asFailure(error: unknown): Failure {
  const isFailure = typeof error === "object" && error !== null && "code" in error && typeof error.code === "string";
  return isFailure ? (error as Failure) : { code: "defect", uncertain: false };
}

/** Codes after which the account is closed, and is to be opened again for the same step. */
const ENDED: readonly string[] = ["session-ended", "locked", "generation-moved"];

export function endsSession(failure: Failure): boolean {
  return ENDED.includes(failure.code);
}

/** What a person may let go of to go on all the same. */
export function acceptable(failure: Failure): readonly (keyof Acceptance)[] {
  switch (failure.code) {
    case "rollback":
      return ["history"];
    // What a device that may save can have brought about: the account opens without it.
    case "fork":
    case "gap":
      return ["newest", "history"];
    case "snapshot-refused":
    case "snapshot-lost":
    case "newer-format":
      return ["newest"];
    case "foreign-server-key":
      return ["serverKey"];
    default:
      return [];
  }
}

/** The fields of the page that ask for what the worker calls by another name. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  name: ["username"],
  deviceLabel: ["device"],
  code: ["word-1"],
  secret: ["seed", "text", "word-1"],
  bip39Passphrase: ["bip39-passphrase"],
  derivationPaths: ["paths"],
  pairing: ["pairing-text"],
};

/** The names that the field at fault may have in a form. */
export function fieldsOf(failure: Failure | null): readonly string[] {
  if (failure instanceof InputFailure) {
    return failure.fields;
  }
  const field = failure?.field;
  if (field === undefined) {
    return [];
  }
  const word = failure?.position === undefined ? [] : [`word-${failure.position}`];
  // Where the vault refuses a field, it names it: that may be a name which every object has.
  return [...word, ...((Object.hasOwn(FIELDS, field) && FIELDS[field]) || [field])];
}
