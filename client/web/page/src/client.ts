/**
 * The page's side of its worker: `Vault` by messages. One tab at a time has the account (a lock of the browser's); what the
 * worker holds is dropped when the page was hidden or left alone for long, and with the worker all of its memory.
 */
import type { Failure, Progress, Vault } from "./api.ts";
import { Attention } from "./attention.ts";
import { Failed, failed, failureOf } from "./failure.ts";
import { OneTab } from "./one_tab.ts";
import { buffers, type Call, type FromWorker, type Method, type Start } from "./messages.ts";

/** How long the worker may take to wipe what it holds before it is ended all the same. */
const WIPING_MS = 2_000;
/** How long a step that runs may take to end once nobody is there any more. */
const ENDING_MS = 30_000;

/** What the client is given, so that tests can do without a browser. */
export interface Surroundings {
  startWorker(): Promise<Worker>;
  start(): Promise<Start>;
  readonly tab: OneTab;
  readonly attention: Attention;
}

/** After these the browser is asked not to throw away what it keeps of the page when it wants room. */
const KEEPING: readonly Method[] = ["save", "enrol", "finishPairing"];

interface Waiting {
  readonly method: Method;
  resolve(value: never): void;
  reject(failure: Failed): void;
}

/** Every method of the worker's, and whether it changes something at the vault; the types keep it whole. */
const METHODS: Record<Method, boolean> = {
  deviceState: false,
  vaultInfo: false,
  generatePassphrase: false,
  judgePassphrase: false,
  register: true,
  login: false,
  open: false,
  recover: false,
  setPassphrase: true,
  close: false,
  forget: false,
  openEntry: false,
  save: true,
  refresh: false,
  finishPendingSave: true,
  discardPendingSave: false,
  backups: false,
  devices: false,
  enrol: true,
  permit: true,
  revoke: true,
  offerPairing: false,
  awaitPairing: false,
  finishPairing: true,
  meetPairing: false,
  confirmPairing: true,
  cancelPairing: false,
  history: false,
  generateFirstCode: false,
  generateRecoveryCode: false,
  dismissCode: false,
  useRecoveryCode: true,
  mayRekey: false,
  rekey: true,
  deleteAccount: true,
  completeWord: false,
  checkPhrase: false,
  checkRecoveryCode: false,
  isOddPassphrase: false,
};

/** A vault whose worker is started when it is first asked for something. */
export function makeVault(surroundings: Surroundings): Vault {
  const client = new Client(surroundings);
  const methods = Object.keys(METHODS).map((method) => [
    method,
    (...args: unknown[]) => refusedPlainly(client.call(method as Method, args)),
  ]);
  return {
    ...Object.fromEntries(methods),
    close: () => client.close(),
    continueHere: () => client.continueHere(),
    onProgress: (listener: (progress: Progress) => void) => client.listeners.push(listener),
  } as unknown as Vault;
}

/** A promise that is refused with a `Failure` and nothing else. */
function refusedPlainly<T>(promise: Promise<T>): Promise<T> {
  return promise.catch((error: unknown) => {
    throw failureOf(error);
  });
}

class Client {
  readonly listeners: ((progress: Progress) => void)[] = [];
  private readonly waiting = new Map<number, Waiting>();
  private worker: Promise<Worker> | undefined;
  private closing: Promise<void> | undefined;
  /** Waits for no step any more. */
  private hurry: () => void = () => undefined;
  /** Nothing runs that was asked for before. */
  private idle: Promise<void> = Promise.resolve();
  private last = 0;

  constructor(private readonly surroundings: Surroundings) {
    surroundings.tab.onLost = () => {
      this.end(failed("in-another-tab"));
      this.tell({ kind: "in-another-tab" });
    };
    surroundings.attention.onGone = () => this.leave();
  }

  async call(method: Method, args: readonly unknown[]): Promise<unknown> {
    const worker = await this.ready().catch((error: unknown) => {
      // Nobody else wipes what never reached the worker.
      buffers(args).forEach((buffer) => new Uint8Array(buffer).fill(0));
      throw error;
    });
    const value = await this.send(worker, method, args);
    if (KEEPING.includes(method)) void navigator.storage?.persist().catch(() => undefined);
    return value;
  }

  private async ready(): Promise<Worker> {
    const { tab, attention } = this.surroundings;
    if (!(await tab.take())) throw failed("in-another-tab");
    attention.paid();
    // What is being closed is not asked any more.
    await this.closing;
    return this.started();
  }

  async continueHere(): Promise<void> {
    await this.surroundings.tab.steal();
  }

  /** Closes when the step that runs has ended: what it did is known then. One that takes long is given up. */
  private leave(): void {
    const hurried = new Promise<void>((resolve) => (this.hurry = resolve));
    const ended = Promise.race([this.idle, pause(ENDING_MS), hurried]);
    this.closing ??= ended.then(() => this.closed()).finally(() => (this.closing = undefined));
  }

  /** Has the worker wipe what it holds, and ends it. */
  close(): Promise<void> {
    this.hurry();
    this.closing ??= this.closed().finally(() => (this.closing = undefined));
    return this.closing;
  }

  private async closed(): Promise<void> {
    if (!this.worker) return;
    const worker = await this.worker.catch(() => undefined);
    if (worker) {
      await Promise.race([this.send(worker, "close", []).catch(() => undefined), pause(WIPING_MS)]);
    }
    this.end(failed("locked"));
    // What was given up has been told first.
    await pause(0);
    this.tell({ kind: "session", session: null });
  }

  private send(worker: Worker, method: Method, args: readonly unknown[]): Promise<unknown> {
    this.last += 1;
    const call: Call = { kind: "call", id: this.last, method, args };
    const answered = new Promise<never>((resolve, reject) => this.waiting.set(call.id, { method, resolve, reject }));
    this.idle = Promise.allSettled([this.idle, answered]).then(() => undefined);
    worker.postMessage(call, { transfer: buffers(args) });
    return answered;
  }

  private started(): Promise<Worker> {
    this.worker ??= this.start().catch((error: unknown) => {
      this.worker = undefined;
      throw error instanceof Failed ? error : failed("page-damaged");
    });
    return this.worker;
  }

  private async start(): Promise<Worker> {
    const worker = await this.surroundings.startWorker();
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.receive(event.data);
    // A defect: nothing of what it held is to be trusted.
    worker.onerror = (event) => {
      event.preventDefault();
      this.end(failed("internal"));
      this.tell({ kind: "session", session: null });
    };
    worker.postMessage(await this.surroundings.start());
    return worker;
  }

  private receive(message: FromWorker): void {
    if (message.kind === "progress") {
      this.tell(message.progress);
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.kind === "value") {
      waiting?.resolve(message.value as never);
      return;
    }
    const { failure } = message;
    waiting?.reject(failure.code === "cancelled" ? givenUp(waiting, failure) : new Failed(failure));
    // The library does not go on after a defect.
    if (failure.code === "internal") void this.close();
  }

  /** Ends the worker, and with it everything that it was asked. */
  private end(why: Failed): void {
    void this.worker?.then((worker) => worker.terminate()).catch(() => undefined);
    this.worker = undefined;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    waiting.forEach((one) => one.reject(givenUp(one, why.failure)));
  }

  private tell(progress: Progress): void {
    this.surroundings.attention.paid();
    this.listeners.forEach((listener) => listener(progress));
  }
}

/** Of a step that was given up before it ended: where it changes something, the vault may have done it. */
function givenUp({ method }: Waiting, failure: Failure): Failed {
  return new Failed({ ...failure, uncertain: METHODS[method] });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
