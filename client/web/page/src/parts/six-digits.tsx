/** Six digits that two devices show, for a person to compare. */

import type { ComponentChildren } from "preact";
import { useTexts } from "./context.ts";

export function SixDigits({ digits, children }: { readonly digits: string; readonly children: ComponentChildren }) {
  const { pair } = useTexts();
  const plain = digits.replace(/\D/gu, "");
  return (
    <section class="panel appear" role="alert">
      <h2>{pair.compare}</h2>
      <p class="digits" dir="ltr" data-digits={plain}>
        {plain.slice(0, 3)} {plain.slice(3)}
      </p>
      <p class="hint">{pair.compareText}</p>
      <div class="actions">{children}</div>
    </section>
  );
}
