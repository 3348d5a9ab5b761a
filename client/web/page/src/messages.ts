/**
 * What crosses between the page and its worker. Bytes are handed over, not copied: whoever sends them has them no longer.
 */
import type { Failure, Progress, Vault } from "./api.ts";

/** What the worker does by itself; the rest of `Vault` is the main thread's. */
export type Method = Exclude<keyof Vault, "onProgress" | "continueHere">;

export interface Start {
  readonly kind: "start";
  /** The page's own address: a worker from a blob has none. */
  readonly base: string;
  readonly configuredVault: string | null;
}

export interface Call {
  readonly kind: "call";
  readonly id: number;
  readonly method: Method;
  readonly args: readonly unknown[];
}

export type ToWorker = Start | Call;

export type FromWorker =
  | { readonly kind: "value"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly failure: Failure }
  | { readonly kind: "progress"; readonly progress: Progress };

/** The buffers of all bytes in a value, to be handed over with it. */
export function buffers(value: unknown, found: Set<ArrayBuffer> = new Set()): ArrayBuffer[] {
  if (value instanceof Uint8Array) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (Array.isArray(value)) {
    value.forEach((one) => buffers(one, found));
  } else if (value !== null && typeof value === "object") {
    Object.values(value).forEach((one) => buffers(one, found));
  }
  return [...found];
}
