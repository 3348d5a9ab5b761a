/** How screens reach the page's state, and how they do a step: once at a time, with what went wrong kept beside it. */

import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Failure } from "../api.ts";
import type { App } from "../app/app.ts";
import { asFailure } from "../app/failure.ts";
import type { Texts } from "../texts/texts.ts";

export const AppContext = createContext<App | null>(null);

/** The page's state; the screen is drawn anew when it changes. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) {
    throw new Error("screens are drawn inside the app");
  }
  const [, changed] = useReducer((times: number) => times + 1, 0);
  const drawn = app.state;
  useLayoutEffect(() => {
    // What changed between drawing and listening is not missed.
    if (app.state !== drawn) {
      changed(undefined);
    }
    return app.subscribe(() => changed(undefined));
  }, [app]);
  return app;
}

export function useTexts(): Texts {
  return useApp().texts;
}

/** One step of a person: what runs, and why it failed. */
export interface Step {
  readonly running: boolean;
  readonly failure: Failure | null;
  /** Runs the work, unless some is running; a failure is kept until the next run. */
  run(work: () => Promise<void>): void;
  /** Sets or clears the failure. */
  fail(failure: Failure | null): void;
}

export function useStep(): Step {
  const app = useApp();
  const [failure, fail] = useState<Failure | null>(null);
  const [running, setRunning] = useState(false);
  const busy = useRef(false);
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);

  async function during(work: () => Promise<void>): Promise<void> {
    busy.current = true;
    setRunning(true);
    fail(null);
    app.set({ running: app.state.running + 1 });
    try {
      await work();
    } catch (error) {
      const failed = asFailure(error);
      if (failed.code === "in-another-tab") {
        app.set({ elsewhere: true, session: null });
      }
      if (here.current) {
        fail(failed);
      }
    } finally {
      busy.current = false;
      app.set({ running: app.state.running - 1 });
      if (here.current) {
        setRunning(false);
      }
    }
  }

  return {
    running,
    failure,
    fail,
    run(work) {
      if (!busy.current) {
        void during(work);
      }
    },
  };
}

/** Loads something when the screen opens; `reload` does it again. */
export function useLoaded<Value>(load: () => Promise<Value>): { value: Value | null; step: Step; reload: () => void } {
  const step = useStep();
  const [value, setValue] = useState<Value | null>(null);
  const reload = (): void => step.run(async () => setValue(await load()));
  useEffect(reload, []);
  return { value, step, reload };
}

/** Whether the step failed once with one of the codes: what they ask for stays asked for. */
export function useAsked(step: Step, codes: readonly string[]): boolean {
  const [asked, setAsked] = useState(false);
  const isAsked = asked || codes.includes(step.failure?.code ?? "");
  useEffect(() => setAsked(isAsked), [isAsked]);
  return isAsked;
}
