/** The frame of a screen: its heading takes the focus when it opens. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useApp } from "./context.ts";

interface Props {
  /** The `data-screen` of the root. */
  readonly name: string;
  readonly title: string;
  /** What the browser's history gets instead, where the title holds what is sealed: browsers write titles down. */
  readonly told?: string;
  /** No way back, as on the first screen. */
  readonly first?: boolean;
  readonly children: ComponentChildren;
}

export function Screen({ name, title, told = title, first = false, children }: Props) {
  const app = useApp();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    scrollTo(0, 0);
  }, [name]);
  useEffect(() => {
    document.title = `${told} · ${app.texts.app}`;
  }, [told]);
  const { notice, warns } = app.state;
  return (
    <main id="content" data-screen={name} class="screen">
      {!first && (
        <button type="button" class="back" data-do="back" onClick={() => app.back()}>
          {app.texts.back}
        </button>
      )}
      <h1 ref={heading} tabIndex={-1} dir="auto">
        {title}
      </h1>
      {notice !== null && notice !== "" && (
        <p class={warns ? "notice warn" : "notice good"} data-notice>
          {notice}
        </p>
      )}
      {children}
    </main>
  );
}
