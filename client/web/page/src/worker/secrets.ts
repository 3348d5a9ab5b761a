/**
 * An enrolled device's secrets, sealed by AES-GCM under a key that no script can read: it is made in the browser's key store,
 * is not extractable, and lies in IndexedDB as a handle. Who copies the database without the browser's key store has nothing.
 * Code that runs in this page's origin can use the key as this module does.
 */
import type { Storage } from "./storage.ts";

const IV_BYTES = 12;
/** Binds what is sealed to its purpose. */
const PURPOSE = new TextEncoder().encode("rootcellar page: device secrets 1");

/** Seals the secrets and keeps them beside the former ones. Wipes its copy. */
export async function keepSecrets(storage: Storage, secrets: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    const kept = await storage.get("key");
    const key = kept ?? (await newKey());
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const bytes = await crypto.subtle.encrypt(parameters(iv), key, secrets);
    await storage.put({ key, next: { iv, bytes } });
  } finally {
    secrets.fill(0);
  }
}

/** Lets the new secrets take the place of the former, or forgets them. */
export async function settleSecrets(storage: Storage, hold: boolean): Promise<void> {
  const next = await storage.get("next");
  if (hold && next) await storage.put({ secrets: next, next: undefined });
  else await storage.put({ next: undefined });
}

/** Whether there are secrets of an enrolment of which it is not known whether it took place. */
export async function hasNext(storage: Storage): Promise<boolean> {
  return (await storage.get("next")) !== undefined;
}

/** The secrets, to be wiped by whoever asked; empty where there are none. `next`: those of the open enrolment. */
export async function openSecrets(storage: Storage, next = false): Promise<Uint8Array> {
  const [key, sealed] = await Promise.all([storage.get("key"), storage.get(next ? "next" : "secrets")]);
  if (!key || !sealed) return new Uint8Array();
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(sealed.iv), key, sealed.bytes));
  } catch {
    // Altered, or of another key: as if they were lost.
    return new Uint8Array();
  }
}

function newKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function parameters(iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: PURPOSE };
}
