/** A wait that runs down where it is seen; it is read out only when the focus comes to it. */

import { useEffect, useState } from "preact/hooks";
import { left } from "../logic/countdown.ts";
import { useTexts } from "./context.ts";

export function Countdown({ seconds }: { readonly seconds: number }) {
  const texts = useTexts();
  const [end] = useState(() => Date.now() + seconds * 1000);
  const [now, setNow] = useState(() => Date.now());
  const remaining = left(end, now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="countdown" data-countdown={remaining}>
      {remaining > 0 ? texts.retryIn(remaining) : texts.again}
    </p>
  );
}
