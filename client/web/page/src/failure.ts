import type { Failure } from "./api.ts";

/** A failure that is thrown between the modules of the worker. */
export class Failed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.code);
  }
}

/** A failure that needs no more than its code. */
export function failed(code: string): Failed {
  return new Failed({ code, uncertain: false });
}

/** What is wrong with a field, as a key of the texts. */
export function wrongInput(field: string, reason: string): Failed {
  return new Failed({ code: "input", uncertain: false, field, reason });
}

/** Whatever was thrown, as a failure. What is not ours is a defect: it says nothing of itself, since it might hold a secret. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failed) return error.failure;
  if (typeof error === "string" && error.startsWith("{")) return JSON.parse(error) as Failure;
  return { code: "internal", uncertain: false };
}
