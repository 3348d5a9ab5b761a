/** What became of a recovery code that was handed out here before, and what to do. */

import type { CodeNotice } from "../api.ts";
import type { Texts } from "../texts/texts.ts";
import { Button } from "./button.tsx";
import { useApp, useStep } from "./context.ts";
import { FailureNotice } from "./failure-notice.tsx";

interface Props {
  readonly notice: CodeNotice;
  /** Whether this session may draw another code. */
  readonly renews?: boolean;
}

export function CodeNoticePart({ notice, renews = false }: Props) {
  const app = useApp();
  const step = useStep();
  const { codeNotice: texts, menu } = app.texts;
  const isKnown = notice.state !== "active" && notice.state !== "waiting";
  const dismiss = (): void =>
    step.run(async () => {
      await app.vault.dismissCode();
      const { session } = app.state;
      app.set({ session: session === null ? null : { ...session, code: null } });
      await app.lookAgain();
    });
  return (
    <div class={`notice ${notice.state === "active" ? "good" : "warn"}`} data-part="code-notice" data-code={notice.state}>
      <p>{textOf(app.texts, notice)}</p>
      <FailureNotice step={step} />
      {isKnown && (
        <div class="actions">
          {renews && (
            <Button does="new-code" kind="primary" onClick={() => app.go({ name: "recovery-code" })}>
              {menu.code}
            </Button>
          )}
          <Button does="dismiss-code" step={step} onClick={dismiss}>
            {texts.dismiss}
          </Button>
        </div>
      )}
    </div>
  );
}

function textOf({ codeNotice: texts, formats }: Texts, { purpose, state, drawnAt }: CodeNotice): string {
  const day = formats.date(drawnAt);
  if (purpose !== "registration") {
    return texts[state](day);
  }
  return state === "active" ? texts.made(day) : state === "waiting" ? texts.maybeMade(day) : texts.notMade(day);
}
