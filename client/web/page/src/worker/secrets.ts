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
    const others = next.filter((other) => other.id !== id);
    await storage.put({ key, next: [...others, sealed] });
  } finally {
    secrets.fill(0);
  }
}

/** Lets these secrets take the place of all others, or forgets them. Nothing happens if they are not open. */
export async function settleSecrets(storage: Storage, id: string, hold: boolean): Promise<void> {
  const next = (await storage.get("next")) ?? [];
  const meant = next.find((sealed) => sealed.id === id);
  if (meant === undefined) return;
  if (hold) return holdSecrets(storage, meant);
  const others = next.filter((sealed) => sealed !== meant);
  await storage.put({ next: others.length > 0 ? others : undefined });
}

/** These let the device in: no others count. */
export function holdSecrets(storage: Storage, sealed: Sealed): Promise<void> {
  return storage.put(held(sealed));
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

function held(sealed: Sealed) {
  return { secrets: sealed, next: undefined };
}

function newKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function parameters(iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: PURPOSE };
}
