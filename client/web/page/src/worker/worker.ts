/**
 * The worker: everything that is secret or takes long happens here. It is started by the page with the address of its files,
 * and does one thing at a time; only what gives up another step overtakes it.
 */
import { failed, failureOf } from "../failure.ts";
import type { Call, FromWorker, Start, ToWorker } from "../messages.ts";
import { buffers, type Method } from "../messages.ts";
import { core as coreFile, words as wordsFile } from "./files.ts";
import { fetchFile } from "./fetch_file.ts";
import { state, told } from "./host.ts";
import { Storage } from "./storage.ts";
import { useDictionaries } from "./strength.ts";
import { workerVault, type WorkerVault } from "./vault.ts";
import initialise, { cancel, prepare } from "./wasm/rootcellar_web.js";
import { Words } from "./words.ts";

/** Steps that wait for another device and that `cancelPairing` gives up. */
const PAIRING: readonly Method[] = ["awaitPairing", "meetPairing", "finishPairing"];

let starting: Promise<WorkerVault> | undefined;
let queue: Promise<void> = Promise.resolve();
let running: Method | undefined;

self.onmessage = (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if (message.kind === "start") {
    starting = start(message);
    // Each call says by itself that it failed.
    starting.catch(() => undefined);
    return;
  }
  const givesUp = message.method === "close" || message.method === "forget";
  if (running && (givesUp || (message.method === "cancelPairing" && PAIRING.includes(running)))) cancel();
  queue = queue.then(() => answer(message));
};

async function start({ base, configuredVault }: Start): Promise<WorkerVault> {
  state.progress = (progress) => send({ kind: "progress", progress });
  useDictionaries(base);
  const [storage] = await Promise.all([
    Storage.open().catch(() => {
      throw failed("storage");
    }),
    initialise({ module_or_path: fetchFile(base, coreFile) }).catch(() => {
      throw failed("page-damaged");
    }),
  ]);
  prepare();
  state.storage = storage;
  const words = new Words(async () => (await fetchFile(base, wordsFile)).text());
  return workerVault(storage, configuredVault, words);
}

async function answer({ id, method, args }: Call): Promise<void> {
  running = method;
  state.hasSent = false;
  try {
    if (!starting) throw failed("internal");
    const vault = await starting;
    const step = vault[method] as (...args: unknown[]) => Promise<unknown>;
    const value = await step.apply(vault, [...args]);
    send({ kind: "value", id, value }, buffers(value));
  } catch (error) {
    const failure = told(failureOf(error));
    // What comes of a step after another tab took over is not kept; what the vault may have done, it may have done.
    const { uncertain } = failure;
    send({ kind: "failure", id, failure: state.storage?.isLost ? { code: "in-another-tab", uncertain } : failure });
  } finally {
    running = undefined;
  }
}

function send(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}
