/** Secrets on their way between inputs and the worker. */

import type { Secret } from "../api.ts";

/** The bytes of what was typed. */
export function secretOf(text: string): Secret {
  return new TextEncoder().encode(text);
}

/** The text of a secret, to be shown; its bytes are wiped. */
export function textOf(secret: Secret): string {
  const text = new TextDecoder().decode(secret);
  secret.fill(0);
  return text;
}
