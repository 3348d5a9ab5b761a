/** What the recovery code on a new paper opens, by what this browser recorded of it. */

import type { CodeNotice } from "../api.ts";

/**
 * How far a code came on its screen: drawn and not sent, being sent, or sent without a word that it is active. `moved`: the vault
 * has said that another code was set meanwhile. `active`: it is known to be the account's.
 */
export type Stage = "drawn" | "sending" | "sent" | "moved" | "active";

/** Whether a code is active. `superseded`: it is not, and neither is the one before it. */
export type Holds = "not-yet" | "unsure" | "superseded" | "yes";

/** A code of this browser's, by its record. */
export type Drawn = Pick<CodeNotice, "purpose" | "generatedAt">;

/** Whether a notice is about this code. */
export function isAbout(notice: CodeNotice | null, drawn: Drawn | null): notice is CodeNotice {
  return notice !== null && drawn !== null && notice.purpose === drawn.purpose && notice.generatedAt === drawn.generatedAt;
}

/**
 * A request that is recorded may be sent by any login: as long as it is, the code may become active. What is recorded of another
 * code, or cannot be read, decides nothing.
 */
export function holdsBy(stage: Stage, drawn: Drawn | null, recorded: CodeNotice | null, found: CodeNotice | null): Holds {
  if (stage === "active" || (isAbout(found, drawn) && found.state === "active")) {
    return "yes";
  }
  if (stage === "drawn") {
    return "not-yet";
  }
  if (stage === "moved") {
    return "superseded";
  }
  if (stage === "sending" || !isAbout(recorded, drawn)) {
    return "unsure";
  }
  const { state } = recorded;
  return state === "superseded" ? state : state === "unconfirmed" || state === "refused" ? "not-yet" : "unsure";
}
