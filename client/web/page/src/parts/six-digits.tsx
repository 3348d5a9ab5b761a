/** Six digits that two devices show, for a person to compare. */

import type { ComponentChildren } from "preact";
import { useTexts } from "./context.ts";

interface Props {
  readonly digits: string;
  readonly children?: ComponentChildren;
  readonly actions: ComponentChildren;
}

export function SixDigits({ digits, children, actions }: Props) {
  const { pair } = useTexts();
  const plain = digits.replace(/\D/gu, "");
  return (
    <section class="panel appear" role="alert">
      <h2>{pair.compare}</h2>
      <p class="digits" dir="ltr" data-digits={plain}>
        {plain.slice(0, 3)} {plain.slice(3)}
      </p>
      <p class="hint">{pair.compareText}</p>
      {children}
      <div class="actions">{actions}</div>
    </section>
  );
}
