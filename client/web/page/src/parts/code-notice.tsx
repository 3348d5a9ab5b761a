/** What became of a recovery code that was handed out here before, and what to do. */

import { useState } from "preact/hooks";
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
  const { codeNotice: texts, formats, menu } = app.texts;
  const [asksGivingUp, askGivingUp] = useState(false);
  const isWaiting = notice.state === "waiting";
  const isRegistration = notice.purpose === "registration";
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
      {asksGivingUp && <p role="alert">{(isRegistration ? texts.discardFirstAsk : texts.discardAsk)(formats.date(notice.generatedAt))}</p>}
      <div class="actions">
        {renews && !isWaiting && notice.state !== "active" && (
          <Button does="new-code" kind="primary" onClick={() => app.go({ name: "recovery-code" })}>
            {menu.code}
          </Button>
        )}
        {!isWaiting && (
          <Button does="dismiss-code" step={step} onClick={dismiss}>
            {texts.dismiss}
          </Button>
        )}
        {isWaiting && (
          <Button
            does={asksGivingUp ? "confirm-discard-code" : "discard-code"}
            kind={asksGivingUp ? "danger" : "plain"}
            step={step}
            onClick={() => (asksGivingUp ? dismiss() : askGivingUp(true))}
          >
            {isRegistration ? texts.discardFirst : texts.discard}
          </Button>
        )}
        {asksGivingUp && (
          <Button does="keep-code" step={step} onClick={() => askGivingUp(false)}>
            {app.texts.cancel}
          </Button>
        )}
      </div>
    </div>
  );
}

function textOf({ codeNotice: texts, formats }: Texts, { purpose, state, generatedAt, vault }: CodeNotice): string {
  const day = formats.date(generatedAt);
  if (purpose !== "registration") {
    return texts[state](day);
  }
  return state === "active" ? texts.made(day) : state === "waiting" ? texts.maybeMade(day, addressOf(vault)) : texts.notMade(day);
}

/** As a person types it. */
function addressOf(vault: string | null): string {
  return (vault ?? "").replace(/^https:\/\//u, "");
}
