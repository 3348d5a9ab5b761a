/** Whether a pairing goes on after a step of it has failed. */

import type { Failure } from "../api.ts";

/** The worker was closed, and the pairing with it. */
const CLOSED: readonly string[] = ["locked", "cancelled"];

/**
 * The failure with which a pairing has ended, `null` where the step may be done again. `closed` is the code to show where the page was closed
 * meanwhile. That trying again finishes it is never said of one that has ended.
 */
export function endOf(failure: Failure, closed: "no-pairing" | "locked"): Failure | null {
  if (CLOSED.includes(failure.code)) {
    return { code: closed, uncertain: false };
  }
  return failure.over === true ? { ...failure, uncertain: false } : null;
}
