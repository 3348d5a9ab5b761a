/** What happens meanwhile, once it takes longer than half a second. */

import { useEffect, useState } from "preact/hooks";
import { useApp } from "./context.ts";

const DELAY = 500;

export function Progress() {
  const { state, texts } = useApp();
  const busy = !state.waiting && (state.keyDerivation || state.requesting || state.running > 0);
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!busy) {
      setSlow(false);
      return undefined;
    }
    const timer = setTimeout(() => setSlow(true), DELAY);
    return () => clearTimeout(timer);
  }, [busy]);
  const text = state.keyDerivation ? texts.keyDerivation : state.requesting ? texts.requesting : texts.working;
  return (
    <div class="progress" role="status" data-progress={slow ? "" : undefined}>
      {slow && (
        <>
          <span class="bar" aria-hidden="true" />
          <span>{text}</span>
        </>
      )}
    </div>
  );
}
