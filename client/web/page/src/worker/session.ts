/** The account that is open, or about to be, as the page is shown it. */
import type { SessionView } from "../api.ts";
import { arrive } from "./device.ts";
import { state } from "./host.ts";
import { parsed } from "./steps.ts";
import type { Storage } from "./storage.ts";
import * as core from "./wasm/rootcellar_web.js";

/** A client of the vault, as this device, with what the browser keeps. Whatever was open is closed. */
export async function begin(storage: Storage, vault: string | null, label: string | null): Promise<void> {
  const { own, localState, pendingSave, enrolment, code } = await arrive(storage, vault, label, core.newDeviceId);
  core.begin(own.vault, own.id, own.label, localState, pendingSave, enrolment, code);
  state.own = own;
}

/** Tells the page what a step has opened. */
export function shown(json: unknown): SessionView {
  const session = parsed<SessionView>(json);
  state.progress({ kind: "session", session });
  return session;
}
