import { IDBFactory, IDBObjectStore as FDBObjectStore } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import { arrive, deviceStateOf } from "./device.ts";
import { abandonSecrets, commitSecrets, holdSecrets, keepSecrets, openSecrets, sealedSecrets } from "./secrets.ts";
import { Storage } from "./storage.ts";

let factory: IDBFactory;
let storage: Storage;
const bytes = (value: number) => new Uint8Array(64).fill(value);

/** The first byte of each of the secrets by which the device may be enrolled, in the order in which they are tried. */
async function tried(): Promise<(number | undefined)[]> {
  const all = await sealedSecrets(storage);
  return Promise.all(all.map(async (sealed) => (await openSecrets(storage, sealed))[0]));
}

beforeEach(async () => {
  factory = new IDBFactory();
  storage = await Storage.open(factory);
});

test("what was kept is there when the page is opened again, and gone when it was forgotten", async () => {
  await storage.put({ localState: bytes(1), pendingSave: bytes(2) });
  await storage.put({ pendingSave: undefined });
  const again = await Storage.open(factory);
  expect(await again.get("localState")).toEqual(bytes(1));
  expect(await again.get("pendingSave")).toBeUndefined();
  await again.clear();
  expect(await storage.get("localState")).toBeUndefined();
});

test("a device's secrets are sealed by a key that no script can read, and the copy is wiped", async () => {
  const secrets = bytes(7);
  await keepSecrets(storage, secrets, "7");
  await commitSecrets(storage, "7");
  expect(secrets).toEqual(bytes(0));
  expect(await openSecrets(storage, await storage.get("secrets"))).toEqual(bytes(7));
  const key = await storage.get("key");
  expect(key?.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("raw", key as CryptoKey)).rejects.toThrow();
  const sealed = await storage.get("secrets");
  expect(Buffer.from(sealed?.bytes ?? new ArrayBuffer(0)).includes(Buffer.from(bytes(7).slice(0, 16)))).toBe(false);
});

test("former secrets stay until new ones hold, and no others are lost with those that do not", async () => {
  await keepSecrets(storage, bytes(1), "1");
  await commitSecrets(storage, "1");
  await keepSecrets(storage, bytes(2), "2");
  await keepSecrets(storage, bytes(3), "3");
  expect(await tried()).toEqual([1, 3, 2]);
  await abandonSecrets(storage, "3");
  expect(await tried()).toEqual([1, 2]);
  const [, second] = await sealedSecrets(storage);
  if (second) await holdSecrets(storage, second);
  expect(await tried()).toEqual([2]);
  await keepSecrets(storage, bytes(4), "4");
  await abandonSecrets(storage, "4");
  expect(await tried()).toEqual([2]);
  await keepSecrets(storage, bytes(5), "5");
  await keepSecrets(storage, bytes(6), "6");
  expect(await commitSecrets(storage, "4")).toBe("absent");
  await abandonSecrets(storage, "4");
  expect(await tried(), "those that are not there").toEqual([2, 6, 5]);
  expect(await commitSecrets(storage, "5")).toBe("now");
  expect(await tried(), "of a later attempt nothing is known yet").toEqual([5, 6]);
  expect(await commitSecrets(storage, "5")).toBe("already");
  expect(await commitSecrets(storage, "6")).toBe("now");
  expect(await tried()).toEqual([6]);
  // The last attempt with the same secrets did not reach the vault; the one before may have.
  for (const n of [7, 8, 7, 7]) await keepSecrets(storage, bytes(n), `${n}`);
  await abandonSecrets(storage, "7");
  expect(await commitSecrets(storage, "7")).toBe("now");
  expect(await tried(), "each once").toEqual([7, 8]);
  await keepSecrets(storage, bytes(7), "7");
  await abandonSecrets(storage, "7");
  expect(await commitSecrets(storage, "7")).toBe("already");
  expect(await tried()).toEqual([7, 8]);
});

test("a tab that was robbed of the account writes nothing more, and what it reads stays", async () => {
  await storage.put({ localState: bytes(1), pendingSave: bytes(1) });
  const thief = await Storage.open(factory);
  expect(storage.isLost).toBe(false);
  await thief.put({ localState: bytes(2) });
  await expect(storage.put({ localState: bytes(3), pendingSave: undefined })).rejects.toThrow();
  await expect(keepSecrets(storage, bytes(3), "3")).rejects.toThrow();
  await expect(storage.clear()).rejects.toThrow();
  expect([storage.isLost, thief.isLost]).toEqual([true, false]);
  expect(await Promise.all([storage.get("localState"), thief.get("pendingSave")])).toEqual([bytes(2), bytes(1)]);
  await thief.clear();
  await thief.put({ localState: bytes(4) });
  expect(await thief.get("localState")).toEqual(bytes(4));
});

test("a tab without room for its mark takes its place when there is room, and the one before it writes nothing more", async () => {
  await storage.put({ localState: bytes(1) });
  const full = async () => {
    const put = vi.spyOn(FDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore) {
      this.transaction.abort();
      return undefined as never;
    });
    const opened = await Storage.open(factory);
    put.mockRestore();
    return opened;
  };
  const thief = await full();
  expect(await thief.get("localState")).toEqual(bytes(1));
  await thief.put({ localState: bytes(2) });
  await expect(storage.put({ localState: bytes(3) })).rejects.toThrow();
  expect([storage.isLost, thief.isLost]).toEqual([true, false]);
  await thief.put({ localState: bytes(4) });

  // Of two without room one has it.
  factory = new IDBFactory();
  const [first, second] = [await full(), await full()];
  await first.put({ localState: bytes(5) });
  await expect(second.put({ localState: bytes(6) })).rejects.toThrow();
  expect([first.isLost, second.isLost]).toEqual([false, true]);
  expect(await first.get("localState")).toEqual(bytes(5));
});

test("altered secrets are as good as lost", async () => {
  await keepSecrets(storage, bytes(1), "1");
  await commitSecrets(storage, "1");
  const sealed = await storage.get("secrets");
  const altered = new Uint8Array(sealed?.bytes ?? new ArrayBuffer(0));
  altered[3] = (altered[3] ?? 0) ^ 1;
  await storage.put({ secrets: { iv: sealed?.iv ?? new Uint8Array(12), bytes: altered.buffer } });
  expect(await openSecrets(storage, await storage.get("secrets"))).toHaveLength(0);
});

test("a browser that knows an account goes on with its vault and as its device", async () => {
  const first = await arrive(storage, "vault.example.org", "Phone", () => "id-1");
  expect(first.own).toEqual({ id: "id-1", label: "Phone", vault: "https://vault.example.org" });
  expect(await deviceStateOf(storage, null)).toMatchObject({ account: false, vault: null, enrolled: null });
  const enrolment = new TextEncoder().encode('{"permission":"backup"}');
  await storage.put({ own: first.own, localState: bytes(1), pendingSave: bytes(1), enrolment });
  const again = await arrive(storage, "https://other.example.org", null, () => "id-2");
  expect(again.own).toEqual(first.own);
  expect(await deviceStateOf(storage, "https://c.example.org")).toEqual({
    configuredVault: "https://c.example.org",
    vault: "https://vault.example.org",
    account: true,
    named: false,
    deviceLabel: "Phone",
    // Without its secrets an enrolment lets nobody in.
    enrolled: null,
    pendingSave: true,
    code: null,
  });
  for (const [stage, state] of [['"unconfirmed"', "unconfirmed"], ['{"confirmed":{}}', "waiting"], ['"superseded"', "superseded"]]) {
    const record = `{"ceremony":"rekey","generated_at":7,"stage":${stage}}`;
    await storage.put({ code: new TextEncoder().encode(record) });
    expect(await deviceStateOf(storage, null)).toMatchObject({ code: { purpose: "rekey", state, generatedAt: 7, vault: null } });
  }
  const registration = '{"ceremony":"registration","vault":"https://other.example.org","generated_at":7,"stage":{"confirmed":{}}}';
  await storage.put({ code: new TextEncoder().encode(registration) });
  const waits = { purpose: "registration", state: "waiting", generatedAt: 7, vault: "https://other.example.org" };
  expect((await deviceStateOf(storage, null)).code, "which may be another vault than this page's").toEqual(waits);
  await keepSecrets(storage, bytes(1), "1");
  await storage.put({ localState: new TextEncoder().encode('{"account_id":"a","name_hash":"b"}') });
  expect(await deviceStateOf(storage, null)).toMatchObject({ enrolled: "backup", named: true });
});

test("a browser that was turned off while it was enrolled offers to open the account by what it has", async () => {
  const { own } = await arrive(storage, "vault.example.org", "Phone", () => "id-1");
  const enrolled = async () => (await deviceStateOf(storage, null)).enrolled;
  await keepSecrets(storage, bytes(1), "1");
  expect(await enrolled(), "no account is known yet").toBeNull();
  await storage.put({ own, localState: bytes(1) });
  expect(await enrolled(), "the outcome is unknown").toBe("backup");
  await commitSecrets(storage, "1");
  expect(await enrolled(), "the enrolment was not recorded").toBe("backup");
  await storage.put({ enrolment: new TextEncoder().encode('{"permission":"manage"}') });
  expect(await enrolled()).toBe("manage");
});
