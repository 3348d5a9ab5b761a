/**
 * What the library, as WebAssembly, calls for (`client/web/src/host.rs`). Bytes come as a view of its memory and are copied
 * before anything is waited for.
 */
import type { Failure, OpenedEntry, Progress, Secret } from "../api.ts";
import { NOT_SENT, request, type HostResponse } from "./request.ts";
import { abandonSecrets as abandon, commitSecrets as commit, keepSecrets as sealAndKeep, type Committed } from "./secrets.ts";
import type { Blob, Own, Storage } from "./storage.ts";

/** Set by the worker before anything is called. */
export const state: {
  storage: Storage | undefined;
  /** This browser as a device; kept with the first thing that is remembered of an account. */
  own: Own | undefined;
  progress: (progress: Progress) => void;
  /** Whether anything left this browser since the step began. */
  hasSent: boolean;
} = { storage: undefined, own: undefined, progress: () => undefined, hasSent: false };

let underWay: AbortController | undefined;

export async function send(
  method: string,
  url: string,
  headers: string,
  body: Uint8Array,
  most: number,
): Promise<HostResponse> {
  const aborting = new AbortController();
  underWay = aborting;
  state.progress({ kind: "request", running: true });
  try {
    const answer = await request({ method, url, headers, body: copy(body), most }, aborting);
    state.hasSent ||= answer.fault !== NOT_SENT;
    return answer;
  } finally {
    state.progress({ kind: "request", running: false });
  }
}

/** The failure as a person is to read it: a save of which nothing was sent waits for a network. */
export function told(failure: Failure): Failure {
  return failure.code === "unconfirmed" && !state.hasSent ? { ...failure, code: "saved-locally" } : failure;
}

export function abortRequest(): void {
  underWay?.abort();
  underWay = undefined;
}

export function now(): number {
  return Date.now();
}

export function uptime(): number {
  return performance.now();
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export function keyDerivation(running: boolean): void {
  state.progress({ kind: "key-derivation", running });
}

export function sessionEnded(): void {
  state.progress({ kind: "session", session: null });
}

export async function keep(record: string, content: Uint8Array): Promise<void> {
  const name = record as Blob;
  const value = content.length > 0 ? copy(content) : undefined;
  // What is remembered of an account, and at which vault and as which device, is one.
  const own = name === "localState" ? { own: state.own } : {};
  await kept().put({ ...own, [name]: value });
}

export function keepSecrets(secrets: Uint8Array, id: string): Promise<void> {
  return sealAndKeep(kept(), copy(secrets), id);
}

export function commitSecrets(id: string): Promise<Committed> {
  return commit(kept(), id);
}

export function abandonSecrets(id: string): Promise<void> {
  return abandon(kept(), id);
}

export { areAssigned, inForm } from "./unicode.ts";

export function secret(bytes: Uint8Array): Secret {
  return copy(bytes);
}

export function entry(bytes: Uint8Array, passphrase: Uint8Array | undefined, about: string): OpenedEntry {
  const rest = JSON.parse(about) as Pick<OpenedEntry, "kind" | "language" | "unseen" | "details">;
  return { ...rest, secret: copy(bytes), bip39Passphrase: passphrase ? copy(passphrase) : null };
}

function copy(view: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view);
}

function kept(): Storage {
  if (!state.storage) throw new Error("storage");
  return state.storage;
}
