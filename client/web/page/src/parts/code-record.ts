/** A recovery code that a screen hands out: what its paper opens is read from the record, which outlives the screen. */

import { useEffect, useReducer, useRef } from "preact/hooks";
import type { CodeNotice } from "../api.ts";
import { asFailure } from "../app/failure.ts";
import { holdsBy, type Holds, type Stage } from "../logic/paper.ts";
import { useApp } from "./context.ts";

export interface CodeRecord {
  /** Whether the code is active, as far as it is known here. */
  readonly holds: () => Holds;
  /** A code was drawn. */
  readonly drawn: () => Promise<void>;
  /** Sends what activates it. */
  readonly during: <Value>(send: () => Promise<Value>) => Promise<Value>;
  /** It is known to be active. */
  readonly isActive: () => void;
  /** Reads the record again. */
  readonly look: () => Promise<void>;
}

export function useCodeRecord(): CodeRecord {
  const app = useApp();
  const stage = useRef<Stage>("drawn");
  const mine = useRef<CodeNotice | null>(null);
  const recorded = useRef<CodeNotice | null>(null);
  const [, looked] = useReducer((times: number) => times + 1, 0);

  // What cannot be read is not known.
  const read = (): Promise<CodeNotice | null> => app.vault.deviceState().then(({ code }) => code, () => null);
  const look = async (): Promise<void> => {
    recorded.current = await read();
    looked(undefined);
  };
  // A login settles what is recorded.
  useEffect(() => {
    if (stage.current === "sent") {
      void look();
    }
  }, [app.state.session]);

  return {
    holds: () => holdsBy(stage.current, mine.current, recorded.current, app.state.session?.code ?? null),
    async drawn() {
      stage.current = "drawn";
      mine.current = await read();
    },
    async during(send) {
      stage.current = "sending";
      try {
        const value = await send();
        stage.current = "active";
        return value;
      } catch (error) {
        recorded.current = await read();
        stage.current = asFailure(error).code === "recovery-code-moved" ? "moved" : "sent";
        throw error;
      }
    },
    isActive() {
      stage.current = "active";
    },
    look,
  };
}
