/** A new passphrase: one that was drawn is offered first; an own one is judged as it is typed, and typed twice. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Judgement, Secret, Vault } from "../api.ts";
import { InputFailure } from "../app/failure.ts";
import { secretOf, textOf } from "../logic/secret.ts";
import { weaknessText } from "../texts/weakness.ts";
import { Button } from "./button.tsx";
import { useApp, useStep } from "./context.ts";
import { FailureNotice } from "./failure-notice.tsx";
import { Check, Choices, Field, type Typed } from "./form.tsx";

/** How long a pause in typing is before the passphrase is judged, in milliseconds. */
const PAUSE = 250;

/** Reads what was chosen; fails where it is weak, not typed alike twice, or not kept. */
export async function chosenPassphrase(vault: Vault, typed: Typed, hints: readonly string[]): Promise<Secret> {
  const passphrase = typed.needed("passphrase");
  if (typed.text("choice") === "offered") {
    if (typed.text("saved") !== "yes") {
      throw new InputFailure("saved", "not-saved");
    }
    return secretOf(passphrase);
  }
  const { strong } = await vault.judgePassphrase(secretOf(passphrase), hints);
  if (!strong) {
    throw new InputFailure("passphrase", "too-weak");
  }
  if (typed.text("repeat") !== passphrase) {
    throw new InputFailure("repeat", "differ");
  }
  return secretOf(passphrase);
}

export function NewPassphrase({ hints }: { readonly hints: () => readonly string[] }) {
  const { texts } = useApp();
  const { passphrase } = texts;
  const [choice, setChoice] = useState<"offered" | "own">("offered");
  return (
    <>
      <Choices
        name="choice"
        label={passphrase.new}
        value={choice}
        onChange={setChoice}
        options={[
          { value: "offered", label: passphrase.offered, text: passphrase.offeredText },
          { value: "own", label: passphrase.own },
        ]}
      />
      {choice === "offered" ? <Offered key="offered" /> : <Own key="own" hints={hints} />}
    </>
  );
}

function Offered() {
  const { vault, texts } = useApp();
  const [drawn, setDrawn] = useState("");
  const step = useStep();
  const draw = (): void => step.run(async () => setDrawn(textOf(await vault.generatePassphrase())));
  useEffect(draw, []);
  return (
    <>
      <div class="field">
        <p class="panel secret" dir="ltr" data-offered>
          {drawn}
        </p>
        {/* For password managers, which look for such a field. */}
        <input class="unseen" type="password" name="passphrase" value={drawn} readOnly tabIndex={-1} aria-hidden="true" autocomplete="new-password" />
        <FailureNotice step={step} />
        <Button does="another" kind="quiet" step={step} onClick={draw}>
          {texts.passphrase.another}
        </Button>
      </div>
      <Check name="saved">{texts.passphrase.kept}</Check>
    </>
  );
}

function Own({ hints }: { readonly hints: () => readonly string[] }) {
  const { vault, texts } = useApp();
  const { passphrase } = texts;
  const [judgement, setJudgement] = useState<Judgement | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  function judge(text: string): void {
    clearTimeout(timer.current);
    if (text === "") {
      return setJudgement(null);
    }
    timer.current = setTimeout(() => {
      vault.judgePassphrase(secretOf(text), hints()).then(setJudgement, () => undefined);
    }, PAUSE);
  }

  return (
    <>
      <Field name="passphrase" type="password" label={passphrase.new} hint={passphrase.ownHint} autocomplete="new-password" onInput={judge} />
      <div class="strength" aria-live="polite" data-strong={judgement?.strong}>
        {judgement !== null && (
          <>
            <meter min={0} max={4} low={3} high={3.5} optimum={4} value={judgement.score} aria-label={passphrase.strength} />
            <p class={judgement.strong ? "right" : "wrong"}>
              {judgement.strong ? passphrase.strong : passphrase.weak}{" "}
              {!judgement.strong && weaknessText(texts, judgement.reasons)}
            </p>
          </>
        )}
      </div>
      <Field name="repeat" type="password" label={passphrase.repeat} autocomplete="new-password" />
    </>
  );
}
