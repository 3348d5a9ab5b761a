import { beforeEach, expect, test, vi } from "vitest";
import type { Secret } from "../api.ts";
import type { Storage } from "./storage.ts";
import type { Words } from "./words.ts";

const library = vi.hoisted(() => ({
  generateRecoveryCode: vi.fn(),
  register: vi.fn(),
  forgetCode: vi.fn(),
  newDeviceId: vi.fn(),
  begin: vi.fn(),
  close: vi.fn(),
  deleteAccount: vi.fn(),
}));
vi.mock("./wasm/rootcellar_web.js", () => library);
vi.mock("./strength.ts", () => ({ judge: async () => ({ strong: true }) }));
vi.mock("./device.ts", () => ({ arrive: async () => ({ own: {} }), deviceStateOf: vi.fn() }));
const { workerVault } = await import("./vault.ts");

let kept: Record<string, unknown>;
let vault: ReturnType<typeof workerVault>;

beforeEach(() => {
  vi.resetAllMocks();
  kept = {};
  const storage = {
    get: async (name: string) => kept[name],
    put: async (change: object) => void Object.assign(kept, change),
    clear: async () => Promise.reject(new Error("full")),
  } as unknown as Storage;
  vault = workerVault(storage, null, undefined as unknown as Words);
});

test("a registration takes the code that was drawn before, and both secrets are wiped", async () => {
  library.generateRecoveryCode.mockResolvedValueOnce(new Uint8Array([7]));
  const code = await vault.generateFirstCode("https://a.example.org", "Phone");
  expect(library.generateRecoveryCode).toHaveBeenCalledWith("registration");
  const passphrase = new Uint8Array([1]) as Secret;
  let given: unknown;
  library.register.mockImplementationOnce(async (...args: unknown[]) => {
    given = [...(args[2] as Uint8Array)];
    return "{}";
  });
  await vault.register("https://a.example.org", "winter", passphrase, null, "Phone", code);
  expect(given).toEqual([7]);
  expect([passphrase[0], code[0]]).toEqual([0, 0]);
});

test("what is recorded of a code is forgotten by the library, too", async () => {
  kept["code"] = new Uint8Array([1]);
  await vault.dismissCode();
  expect(kept["code"]).toBeUndefined();
  expect(library.forgetCode).toHaveBeenCalledOnce();
});

test("an account that is deleted and not forgotten is called deleted", async () => {
  await expect(vault.deleteAccount()).rejects.toThrow("deleted-not-forgotten");
  expect(library.deleteAccount).toHaveBeenCalledOnce();
});
