/**
 * An enrolled device's secrets, sealed by AES-GCM under a key that no script can read: it is made in the browser's key store,
 * is not extractable, and lies in IndexedDB as a handle. Who copies the database without the browser's key store has nothing.
 * Code that runs in this page's origin can use the key as this module does.
 */
import type { Sealed, Storage } from "./storage.ts";

const IV_BYTES = 12;
/** Binds what is sealed to its purpose. */
const PURPOSE = new TextEncoder().encode("rootcellar page: device secrets 1");

/** Seals the secrets and keeps them beside all others, of which each may be the one that counts. Wipes its copy. */
export async function keepSecrets(storage: Storage, secrets: Uint8Array<ArrayBuffer>, id: string): Promise<void> {
  try {
    const [kept, next = []] = await Promise.all([storage.get("key"), storage.get("next")]);
    const key = kept ?? (await newKey());
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const sealed = { iv, bytes: await crypto.subtle.encrypt(parameters(iv), key, secrets), id };
    await storage.put({ key, next: [...next, sealed] });
  } finally {
    secrets.fill(0);
  }
}

/** What the library's `Committed` says. */
export type Committed = "now" | "already" | "absent";

/** The vault knows these secrets: they count, and those that were kept before them are forgotten. Later ones stay staged. */
export async function commitSecrets(storage: Storage, id: string): Promise<Committed> {
  const [secrets, next = []] = await Promise.all([storage.get("secrets"), storage.get("next")]);
  const at = next.findIndex((sealed) => sealed.id === id);
  const meant = next[at];
  if (meant === undefined) return secrets?.id === id ? "already" : "absent";
  await storage.put({ secrets: meant, next: after(next, at, id) });
  return "now";
}

/** The vault was not told of these secrets, which were just staged. */
export async function abandonSecrets(storage: Storage, id: string): Promise<void> {
  const next = (await storage.get("next")) ?? [];
  const at = next.findLastIndex((sealed) => sealed.id === id);
  // The same secrets stay if they were staged before, too.
  if (at >= 0) await storage.put({ next: orNone(next.toSpliced(at, 1)) });
}

/** These secrets let the device in, whatever an earlier version called them. */
export async function holdSecrets(storage: Storage, sealed: Sealed): Promise<void> {
  const next = (await storage.get("next")) ?? [];
  const at = next.findIndex(({ iv }) => iv.every((byte, i) => byte === sealed.iv[i]));
  await storage.put({ secrets: sealed, next: after(next, at, sealed.id) });
}

/** All secrets by which the device may be enrolled: those that count, where there are any; then the open ones, the newest first. */
export async function sealedSecrets(storage: Storage): Promise<(Sealed | undefined)[]> {
  const [secrets, next = []] = await Promise.all([storage.get("secrets"), storage.get("next")]);
  return [secrets, ...next.slice().reverse()];
}

/** Secrets to be wiped by whoever asked; empty where they are lost. */
export async function openSecrets(storage: Storage, sealed: Sealed | undefined): Promise<Uint8Array> {
  const key = await storage.get("key");
  if (!key || !sealed) return new Uint8Array();
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(sealed.iv), key, sealed.bytes));
  } catch {
    // Altered, or of another key.
    return new Uint8Array();
  }
}

/** What was staged after the secrets that count now, without other copies of those. */
function after(next: readonly Sealed[], at: number, id: Sealed["id"]): readonly Sealed[] | undefined {
  return orNone(next.slice(at + 1).filter((later) => later.id === undefined || later.id !== id));
}

/** An empty list is kept as no record. */
function orNone(next: readonly Sealed[]): readonly Sealed[] | undefined {
  return next.length > 0 ? next : undefined;
}

function newKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function parameters(iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: PURPOSE };
}
