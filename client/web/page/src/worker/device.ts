/** This browser as a device, and what it keeps, as the page is shown it. */
import type { Kept, Permission } from "../api.ts";
import { originOf } from "../address.ts";
import { failed, wrongInput } from "../failure.ts";
import type { Own, Storage } from "./storage.ts";

/** What the library needs to begin. */
export interface Arrival {
  readonly own: Own;
  readonly memory: Uint8Array;
  readonly pending: Uint8Array;
  readonly enrolment: Uint8Array;
}

/** The vault and this device: as they are known here, else as they are given. */
export async function arrive(
  storage: Storage,
  vault: string | null,
  label: string | null,
  newId: () => string,
): Promise<Arrival> {
  const [known, memory, pending, enrolment] = await Promise.all([
    storage.get("own"),
    storage.get("memory"),
    storage.get("pending"),
    storage.get("enrolment"),
  ]).catch(() => {
    throw failed("storage");
  });
  const records = { memory: memory ?? none(), pending: pending ?? none(), enrolment: enrolment ?? none() };
  if (known && memory) return { own: { ...known, label: label ?? known.label }, ...records };
  if (vault === null) throw wrongInput("vault", "empty");
  if (label === null || label.trim() === "") throw wrongInput("deviceLabel", "empty");
  return { own: { id: newId(), label, vault: originOf(vault) }, ...records };
}

/** What this browser keeps, without opening anything of it. */
export async function keptBy(storage: Storage, configuredVault: string | null): Promise<Kept> {
  const [own, memory, pending, enrolment, secrets, next, codeUnconfirmed] = await Promise.all([
    storage.get("own"),
    storage.get("memory"),
    storage.get("pending"),
    storage.get("enrolment"),
    storage.get("secrets"),
    storage.get("next"),
    storage.get("codeUnconfirmed"),
  ]);
  const account = own !== undefined && memory !== undefined;
  // New keys end an enrolment and bring another, of which it may not be known yet: who opens the account by it finds out.
  return {
    configuredVault,
    vault: account ? own.vault : null,
    account,
    named: recordOf(memory).name_hash !== undefined,
    deviceLabel: account ? own.label : null,
    enrolled: secrets || next ? (recordOf(enrolment).permission ?? (secrets && next ? "backup" : null)) : null,
    unfinished: pending !== undefined,
    codeUnconfirmed: codeUnconfirmed === true,
  };
}

/** A record of the library's, which is JSON, as far as the page looks into it. */
function recordOf(record: Uint8Array | undefined): { readonly permission?: Permission; readonly name_hash?: string } {
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
