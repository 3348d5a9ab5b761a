/** What a failure says: what happened, and what to do next. */

import type { Failure } from "../api.ts";
import type { Code, Reason } from "./codes.ts";
import type { Texts } from "./en.ts";

/** Either may depend on what the failure tells. */
export type ErrorText = readonly [what: Phrase, next: Phrase];
type Phrase = string | ((failure: Failure) => string);

export type Errors = Readonly<Record<Code, ErrorText>>;
export type Reasons = Readonly<Record<Reason, string>>;

/** The two sentences of a failure; a code that this page does not know is a defect of the vault or of the page. */
export function explain(texts: Texts, failure: Failure): { what: string; next: string } {
  const errors: Readonly<Record<string, ErrorText>> = texts.errors;
  const [what, next] = errors[failure.code] ?? texts.errors.defect;
  if (failure.code === "input") {
    return { what: texts.errors.input[0] as string, next: reasonText(texts, failure.reason) };
  }
  const say = (phrase: Phrase): string => (typeof phrase === "string" ? phrase : phrase(failure));
  return { what: say(what), next: say(next) };
}

/** What is wrong with an input. */
export function reasonText(texts: Texts, reason: string | undefined): string {
  const reasons: Readonly<Record<string, string>> = texts.reasons;
  return reasons[reason ?? ""] ?? texts.reasons.invalid;
}
