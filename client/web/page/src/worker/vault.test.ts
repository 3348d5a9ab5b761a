import { beforeEach, expect, test, vi } from "vitest";
import type { Secret } from "../api.ts";
import type { Storage } from "./storage.ts";
import type { Words } from "./words.ts";

const library = vi.hoisted(() => ({
  drawRecoveryCode: vi.fn(),
  register: vi.fn(),
  openRegistered: vi.fn(),
  newDeviceId: vi.fn(),
  begin: vi.fn(),
  close: vi.fn(),
  deleteAccount: vi.fn(),
}));
vi.mock("./wasm/rootcellar_web.js", () => library);
vi.mock("./strength.ts", () => ({ judge: async () => ({ strong: true }) }));
vi.mock("./device.ts", () => ({ arrive: async () => ({ own: {} }), keptBy: vi.fn() }));
const { workerVault } = await import("./vault.ts");

const refused = (code: string, uncertain = false): string => JSON.stringify({ code, uncertain });
let drawn: Uint8Array[];
let kept: Record<string, unknown>;
let vault: ReturnType<typeof workerVault>;

/** Registers, and gives the code's number, or what it is refused with. */
async function registers(): Promise<unknown> {
  const passphrase = new Uint8Array([1]) as Secret;
  return vault.register("https://a.example.org", "winter", passphrase, null, "Phone").then(
    ({ recoveryCode }) => recoveryCode[0],
    (error: unknown) => (typeof error === "string" ? JSON.parse(error).code : (error as Error).message),
  );
}

beforeEach(() => {
  vi.resetAllMocks();
  [drawn, kept] = [[], {}];
  library.drawRecoveryCode.mockImplementation(() => drawn[drawn.push(new Uint8Array([drawn.length + 1])) - 1]);
  const storage = {
    get: async (name: string) => kept[name],
    put: async (change: object) => void Object.assign(kept, change),
    clear: async () => Promise.reject(new Error("full")),
  } as unknown as Storage;
  vault = workerVault(storage, null, undefined as unknown as Words);
});

test("the code of a registration whose answer was lost is the account's once it has opened it", async () => {
  library.register.mockRejectedValueOnce(refused("outcome-unknown", true));
  expect(await registers()).toBe("outcome-unknown");
  library.openRegistered.mockRejectedValueOnce(refused("unreachable"));
  expect(await registers()).toBe("unreachable");
  library.openRegistered.mockResolvedValueOnce("{}");
  expect(await registers()).toBe(1);
  expect(library.openRegistered.mock.lastCall?.[2]).toBe(drawn[0]);
});

test("a code that does not open the account is dropped, and the mark stays", async () => {
  library.register.mockRejectedValueOnce(refused("outcome-unknown", true));
  await registers();
  library.openRegistered.mockRejectedValueOnce(refused("recovery-refused"));
  expect(await registers()).toBe("name-taken");
  expect(drawn).toEqual([new Uint8Array(1)]);
  expect(kept).toEqual({ codeUnconfirmed: true });
});

test("each attempt has a code of its own, and a name that is taken keeps the one of before", async () => {
  library.register.mockRejectedValueOnce(refused("outcome-unknown", true));
  await registers();
  library.openRegistered.mockRejectedValue(refused("passphrase-or-account"));
  library.register.mockRejectedValueOnce(refused("name-taken"));
  expect(await registers()).toBe("passphrase-or-account");
  expect(drawn).toEqual([new Uint8Array([1]), new Uint8Array(1)]);
  library.register.mockResolvedValueOnce("{}");
  expect(await registers()).toBe(3);
  expect(drawn.map(([first]) => first)).toEqual([0, 0, 3]);
});

test("an account that is deleted and not forgotten is called deleted", async () => {
  await expect(vault.deleteAccount()).rejects.toThrow("deleted-not-forgotten");
  expect(library.deleteAccount).toHaveBeenCalledOnce();
});
