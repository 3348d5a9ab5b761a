/** Buttons that fire once: while a step runs they keep the focus and do nothing. */

import type { ComponentChildren } from "preact";
import type { Step } from "./context.ts";

interface Props {
  /** A stable name of what it does, for tests. */
  readonly does: string;
  readonly children: ComponentChildren;
  readonly kind?: "primary" | "plain" | "danger" | "quiet";
  readonly step?: Step;
  readonly submit?: boolean;
  readonly off?: boolean;
  readonly onClick?: () => void;
  readonly describedBy?: string;
  readonly label?: string;
}

export function Button({ does, children, kind = "plain", step, submit = false, off = false, onClick, ...rest }: Props) {
  const idle = off || step?.running === true;
  return (
    <button
      type={submit ? "submit" : "button"}
      class={`button ${kind}`}
      data-do={does}
      aria-disabled={idle}
      aria-describedby={rest.describedBy}
      aria-label={rest.label}
      onClick={(event) => {
        if (idle) {
          event.preventDefault();
        } else {
          onClick?.();
        }
      }}
    >
      {children}
    </button>
  );
}
