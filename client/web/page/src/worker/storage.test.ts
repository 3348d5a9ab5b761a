import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";
import { arrive, keptBy } from "./device.ts";
import { hasNext, keepSecrets, openSecrets, settleSecrets } from "./secrets.ts";
import { Storage } from "./storage.ts";

let factory: IDBFactory;
let storage: Storage;
const bytes = (value: number) => new Uint8Array(64).fill(value);

beforeEach(async () => {
  factory = new IDBFactory();
  storage = await Storage.open(factory);
});

test("what was kept is there when the page is opened again, and gone when it was forgotten", async () => {
  await storage.put({ memory: bytes(1), pending: bytes(2) });
  await storage.put({ pending: undefined });
  const again = await Storage.open(factory);
  expect(await again.get("memory")).toEqual(bytes(1));
  expect(await again.get("pending")).toBeUndefined();
  await again.clear();
  expect(await storage.get("memory")).toBeUndefined();
});

test("a device's secrets are sealed by a key that no script can read, and the copy is wiped", async () => {
  const secrets = bytes(7);
  await keepSecrets(storage, secrets);
  expect(secrets).toEqual(bytes(0));
  await settleSecrets(storage, true);
  expect(await openSecrets(storage)).toEqual(bytes(7));
  const key = await storage.get("key");
  expect(key?.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("raw", key as CryptoKey)).rejects.toThrow();
  const sealed = await storage.get("secrets");
  expect(Buffer.from(sealed?.bytes ?? new ArrayBuffer(0)).includes(Buffer.from(bytes(7).slice(0, 16)))).toBe(false);
});

test("former secrets stay until the new ones hold", async () => {
  await keepSecrets(storage, bytes(1));
  await settleSecrets(storage, true);
  await keepSecrets(storage, bytes(2));
  expect(await openSecrets(storage)).toEqual(bytes(1));
  expect(await hasNext(storage)).toBe(true);
  await settleSecrets(storage, false);
  expect([await openSecrets(storage), await hasNext(storage)]).toEqual([bytes(1), false]);
  await keepSecrets(storage, bytes(3));
  await settleSecrets(storage, true);
  expect([await openSecrets(storage), await hasNext(storage)]).toEqual([bytes(3), false]);
});

test("altered secrets are as good as lost", async () => {
  await keepSecrets(storage, bytes(1));
  await settleSecrets(storage, true);
  const sealed = await storage.get("secrets");
  const altered = new Uint8Array(sealed?.bytes ?? new ArrayBuffer(0));
  altered[3] = (altered[3] ?? 0) ^ 1;
  await storage.put({ secrets: { iv: sealed?.iv ?? new Uint8Array(12), bytes: altered.buffer } });
  expect(await openSecrets(storage)).toHaveLength(0);
});

test("a browser that knows an account goes on with its vault and as its device", async () => {
  const first = await arrive(storage, "vault.example.org", "Phone", () => "id-1");
  expect(first.own).toEqual({ id: "id-1", label: "Phone", vault: "https://vault.example.org" });
  expect(await keptBy(storage, null)).toMatchObject({ account: false, vault: null, enrolled: null });
  const enrolment = new TextEncoder().encode('{"permission":"backup"}');
  await storage.put({ own: first.own, memory: bytes(1), pending: bytes(1), enrolment });
  const again = await arrive(storage, "https://other.example.org", null, () => "id-2");
  expect(again.own).toEqual(first.own);
  expect(await keptBy(storage, "https://c.example.org")).toEqual({
    configuredVault: "https://c.example.org",
    vault: "https://vault.example.org",
    account: true,
    deviceLabel: "Phone",
    // Without its secrets an enrolment lets nobody in.
    enrolled: null,
    unfinished: true,
  });
  await keepSecrets(storage, bytes(1));
  expect(await keptBy(storage, null)).toMatchObject({ enrolled: "backup" });
});
