/** What the worker's steps have in common: they wipe the secrets that they were given, and read the library's JSON. */
import type { Secret } from "../api.ts";
import { failed } from "../failure.ts";
import { judge } from "./strength.ts";

/** Runs a step and wipes the secrets that it was given, however it ends. The library has copied them by then, and wipes those. */
export async function wiped<T>(secrets: readonly Uint8Array[], step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } finally {
    secrets.forEach((secret) => secret.fill(0));
  }
}

export function parsed<T>(json: unknown): T {
  return JSON.parse(json as string) as T;
}

export async function mustBeStrong(passphrase: Secret, hints: readonly string[]): Promise<void> {
  if (!(await judge(passphrase, hints)).strong) throw failed("weak-passphrase");
}
