/** What a failure says: what happened, and what to do next. */

import type { Failure } from "../api.ts";
import { fill } from "./format.ts";
import type { Texts } from "./texts.ts";

/** The two sentences of a failure; a code that this page does not know is a defect of the vault or of the page. */
export function explain(texts: Texts, failure: Failure): { what: string; next: string } {
  if (failure.code === "input") {
    const [what, next] = pair(texts.errors.input);
    return { what, next: failure.reason === "empty" ? next : wrongText(texts, failure) };
  }
  const errors: Readonly<Record<string, readonly string[]>> = texts.errors;
  const { passphrasesSince: since, seen = 0, offered = 0 } = failure;
  const isReplaced = failure.code === "foreign-server-key" && since !== undefined;
  const isElsewhere = failure.code === "recovery-code-waiting" && failure.vault !== undefined;
  const own = isReplaced ? texts.keyReplaced : isElsewhere ? texts.waitsElsewhere : errors[failure.code];
  const [what, next] = pair(own ?? texts.errors.defect);
  const values = { seen, offered, vault: failure.vault ?? "", date: since === undefined ? "" : texts.formats.date(since) };
  const more = failure.code === "passphrase-or-account" ? ` ${attempts(texts, failure)}` : "";
  return { what: fill(what, values), next: fill(next, values) + more };
}

/** Both sentences in one text, for what took place all the same. */
export function explainInOne(texts: Texts, failure: Failure): string {
  const { what, next } = explain(texts, failure);
  return `${what} ${next}`;
}

/** How many attempts are left, or how long the wait is, and whether earlier passphrases stopped working. */
function attempts({ attempts: texts, formats, again }: Texts, { remaining = 0, nextWait = 0, passphrasesSince }: Failure): string {
  const next =
    nextWait > 0
      ? fill(texts.wait, { wait: formats.wait(nextWait) })
      : remaining > 0
        ? formats.count(remaining, texts.left)
        : `${again}.`;
  return passphrasesSince === undefined ? next : `${next} ${fill(texts.died, { date: formats.date(passphrasesSince) })}`;
}

/** What is wrong with the input that a failure is about, and where. */
export function wrongText(texts: Texts, { reason, at = 0, character = "" }: Failure): string {
  return fill(reasonText(texts, reason), { at, character });
}

/** What is wrong with an input. */
export function reasonText(texts: Texts, reason: string | undefined): string {
  const reasons: Readonly<Record<string, string>> = texts.reasons;
  return reasons[reason ?? ""] ?? texts.reasons.invalid;
}

function pair([what = "", next = ""]: readonly string[]): [string, string] {
  return [what, next];
}
