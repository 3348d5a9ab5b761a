import { beforeEach, expect, test, vi } from "vitest";
import type { Progress, Vault } from "./api.ts";
import { Attention } from "./attention.ts";
import { makeVault } from "./client.ts";
import type { Call, FromWorker, Start, ToWorker } from "./messages.ts";
import { OneTab } from "./one_tab.ts";

const START: Start = { kind: "start", base: "https://page.example.org/", configuredVault: null };

/** A worker that answers when the test says so. */
class FakeWorker {
  asked: Call[] = [];
  ended = false;
  onmessage: ((event: { data: FromWorker }) => void) | undefined;
  postMessage(message: ToWorker): void {
    if (message.kind === "call") this.asked.push(message);
  }
  terminate(): void {
    this.ended = true;
  }
  /** The step that was asked for last. */
  get last(): Call {
    return this.asked.at(-1) as Call;
  }
  answers(message: { kind: "value"; value: unknown } | { kind: "failure"; code: string }, { id }: Call = this.last): void {
    const data: FromWorker =
      message.kind === "value"
        ? { kind: "value", id, value: message.value }
        : { kind: "failure", id, failure: { code: message.code, uncertain: false } };
    this.onmessage?.({ data });
  }
}

let worker: FakeWorker;
let attention: Attention;
let vault: Vault;
let told: Progress[];

beforeEach(() => {
  vi.useFakeTimers();
  worker = new FakeWorker();
  attention = new Attention({ now: () => 0, after: () => 0, stop: () => undefined });
  const locks = { request: (_: string, __: unknown, granted: (lock: unknown) => unknown) => granted({}) };
  vault = makeVault({
    startWorker: async () => worker as unknown as Worker,
    start: async () => START,
    tab: new OneTab(locks as unknown as LockManager),
    attention,
  });
  told = [];
  vault.onProgress((progress) => told.push(progress));
});

const settled = () => vi.advanceTimersByTimeAsync(1);
const failure = (step: Promise<unknown>) => step.then(() => null, (error: unknown) => error);

test("a change that is given up may have been done; what only asks changed nothing", async () => {
  for (const [step, uncertain] of [
    [() => vault.revoke("device"), true],
    [() => vault.rekey(new Uint8Array(), null), true],
    [() => vault.devices(), false],
    [() => vault.awaitPairing(), false],
  ] as const) {
    const failed = failure(step());
    await settled();
    worker.answers({ kind: "failure", code: "cancelled" });
    expect(await failed).toEqual({ code: "cancelled", uncertain });
  }
});

test("the browser is asked for lasting storage once there is something to keep, and may refuse", async () => {
  let asked = 0;
  const persist = () => Promise.reject(new Error(`no, ${++asked}`));
  vi.stubGlobal("navigator", { storage: { persist } });
  const ends = async (step: Promise<unknown>, code?: string) => {
    const ended = failure(step);
    await settled();
    worker.answers(code ? { kind: "failure", code } : { kind: "value", value: undefined });
    expect(await ended).toEqual(code ? { code, uncertain: false } : null);
    return asked;
  };
  expect(await ends(vault.refresh())).toBe(0);
  expect(await ends(vault.save([], []), "unreachable")).toBe(0);
  expect(await ends(vault.save([], []))).toBe(1);
  expect(await ends(vault.enrol("view"))).toBe(2);
  expect(await ends(vault.finishPairing())).toBe(3);
  // A browser that has no such thing keeps what it keeps.
  vi.stubGlobal("navigator", {});
  expect(await ends(vault.save([], []))).toBe(3);
  vi.unstubAllGlobals();
});

test("what did not end in time is closed, and says so", async () => {
  const failed = failure(vault.save([], []));
  // The page knows that the step is over before it hears that nothing is open.
  let before = -1;
  void failed.then(() => (before = told.length));
  await settled();
  void vault.close();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(worker.ended).toBe(true);
  expect(await failed).toEqual({ code: "locked", uncertain: true });
  expect(before).toBe(0);
  expect(told.at(-1)).toEqual({ kind: "session", session: null });
});

test("the step that runs ends before the page is closed because nobody is there", async () => {
  const step = vault.revoke("device");
  await settled();
  const { last } = worker;
  attention.onGone();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(worker.ended).toBe(false);
  worker.answers({ kind: "value", value: "done" }, last);
  expect(await step).toBe("done");
  await settled();
  expect(worker.last.method).toBe("close");
  worker.answers({ kind: "value", value: undefined });
  await settled();
  expect(worker.ended).toBe(true);
});

test("who locks does not wait for a step that keeps the page open", async () => {
  const failed = failure(vault.awaitPairing());
  await settled();
  attention.onGone();
  await settled();
  void vault.close();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(worker.ended).toBe(true);
  expect(await failed).toEqual({ code: "locked", uncertain: false });
});

test("a step that never ends does not keep the keys", async () => {
  const failed = failure(vault.awaitPairing());
  await settled();
  attention.onGone();
  await vi.advanceTimersByTimeAsync(33_000);
  expect(worker.ended).toBe(true);
  expect(await failed).toEqual({ code: "locked", uncertain: false });
});

test("a secret that never reaches the worker is wiped", async () => {
  const startWorker = async () => Promise.reject(new Error("not there"));
  const locks = { request: (_: string, __: unknown, granted: (lock: unknown) => unknown) => granted({}) };
  const tab = new OneTab(locks as unknown as LockManager);
  vault = makeVault({ startWorker, start: async () => START, tab, attention });
  const code = new Uint8Array([1, 2, 3]);
  expect(await failure(vault.useRecoveryCode(code))).toEqual({ code: "page-damaged", uncertain: false });
  expect(code).toEqual(new Uint8Array(3));
});
