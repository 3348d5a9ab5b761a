/** Saves a change once, however often it takes: what is kept of a try is finished, and not sent a second time. */

import { useLayoutEffect, useState } from "preact/hooks";
import type { Failure, NewEntry, Saved } from "../api.ts";
import { asFailure } from "../app/failure.ts";
import { useApp } from "./context.ts";

/** One from before does not end. */
const BEFORE: Failure = { code: "pending-save", uncertain: false };

interface Change {
  readonly add: readonly NewEntry[];
  readonly remove: readonly string[];
}

export interface Saving {
  /** This very change is kept here, and goes on by the same step. */
  readonly isKept: boolean;
  /** Saves what `change` gives; `null` where what is kept of it can never be finished. */
  save(change: () => Promise<Change>): Promise<Saved | null>;
}

/** `again` does the step again, as soon as there is a network, where the change was kept for want of one. */
export function useSaving(again: () => void): Saving {
  const app = useApp();
  const [isKept, setKept] = useState(false);
  // Before the network can be back.
  useLayoutEffect(() => {
    app.onOnline = isKept ? again : null;
    return () => {
      app.onOnline = null;
    };
  });

  async function save(change: () => Promise<Change>): Promise<Saved | null> {
    if (isKept) {
      const { finished, backup } = await app.finish();
      setKept(false);
      return finished === "cannot-finish" ? null : { number: backup?.number ?? 0, merged: finished === "merged" };
    }
    if (app.state.deviceState.pendingSave) {
      // One from before comes first. Where it does not end, nothing of this change is kept.
      const { finished } = await app.finish().catch((error: unknown) => {
        throw asFailure(error).uncertain ? BEFORE : error;
      });
      if (finished === "cannot-finish") {
        throw BEFORE;
      }
    }
    const { add, remove } = await change();
    try {
      return await app.vault.save(add, remove);
    } catch (error) {
      await app.lookAgain();
      setKept(asFailure(error).uncertain && app.state.deviceState.pendingSave);
      throw error;
    }
  }
  return { isKept, save };
}
