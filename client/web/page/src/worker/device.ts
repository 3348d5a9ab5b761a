/** This browser as a device, and what it keeps, as the page is shown it. */
import type { CodeNotice, DeviceState, Permission } from "../api.ts";
import { originOf } from "../address.ts";
import { failed, wrongInput } from "../failure.ts";
import type { Own, Storage } from "./storage.ts";

/** What the library needs to begin. */
export interface Arrival {
  readonly own: Own;
  readonly localState: Uint8Array;
  readonly pendingSave: Uint8Array;
  readonly enrolment: Uint8Array;
  readonly code: Uint8Array;
}

/** The vault and this device: as they are known here, else as they are given. */
export async function arrive(
  storage: Storage,
  vault: string | null,
  label: string | null,
  newId: () => string,
): Promise<Arrival> {
  const [known, localState, pendingSave, enrolment, code] = await Promise.all([
    storage.get("own"),
    storage.get("localState"),
    storage.get("pendingSave"),
    storage.get("enrolment"),
    storage.get("code"),
  ]).catch(() => {
    throw failed("storage");
  });
  const records = { localState: localState ?? none(), pendingSave: pendingSave ?? none(), enrolment: enrolment ?? none(), code: code ?? none() };
  if (known && localState) return { own: { ...known, label: label ?? known.label }, ...records };
  if (vault === null) throw wrongInput("vault", "empty");
  if (label === null || label.trim() === "") throw wrongInput("deviceLabel", "empty");
  return { own: { id: newId(), label, vault: originOf(vault) }, ...records };
}

/** What this browser keeps, without opening anything of it. */
export async function deviceStateOf(storage: Storage, configuredVault: string | null): Promise<DeviceState> {
  const [own, localState, pendingSave, enrolment, secrets, next, code] = await Promise.all([
    storage.get("own"),
    storage.get("localState"),
    storage.get("pendingSave"),
    storage.get("enrolment"),
    storage.get("secrets"),
    storage.get("next"),
    storage.get("code"),
  ]);
  const account = own !== undefined && localState !== undefined;
  // The browser may have secrets without a record of what they may do, or whose enrolment has an unknown outcome. Opening the
  // account by them finds out. Until then, "backup" is shown.
  return {
    configuredVault,
    vault: account ? own.vault : null,
    account,
    named: recordOf(localState).name_hash !== undefined,
    deviceLabel: account ? own.label : null,
    enrolled: account && (secrets || next) ? (recordOf(enrolment).permission ?? "backup") : null,
    pendingSave: pendingSave !== undefined,
    code: noticeOf(code),
  };
}

/** What the record of a recovery code says, before the vault was asked. */
function noticeOf(record: Uint8Array | undefined): CodeNotice | null {
  const { ceremony, generated_at, stage, vault } = recordOf(record);
  if (ceremony === undefined || generated_at === undefined || stage === undefined) return null;
  const state = typeof stage === "string" ? stage : "waiting";
  return { purpose: ceremony, state, generatedAt: generated_at, vault: ceremony === "registration" ? (vault ?? null) : null };
}

interface Records {
  readonly permission?: Permission;
  readonly name_hash?: string;
  readonly ceremony?: CodeNotice["purpose"];
  readonly generated_at?: number;
  /** The vault at which a recovery code was drawn. */
  readonly vault?: string;
  /** How far a recovery code came; an object where it was confirmed. */
  readonly stage?: "unconfirmed" | "refused" | "superseded" | object;
}

/** A record of the library's, which is JSON, as far as the page looks into it. */
function recordOf(record: Uint8Array | undefined): Records {
  try {
    return JSON.parse(new TextDecoder().decode(record)) as object;
  } catch {
    // None is there, or it is damaged, which the library says when it reads it.
    return {};
  }
}

function none(): Uint8Array {
  return new Uint8Array();
}
