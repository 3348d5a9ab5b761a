/** A recovery code: shown once it is asked for, covered again when the page is left, confirmed by two of its words. */

import { useEffect, useState } from "preact/hooks";
import type { Secret } from "../api.ts";
import { InputFailure } from "../app/failure.ts";
import { random, twoPlaces, wrongPlaces } from "../logic/confirm.ts";
import { Button } from "./button.tsx";
import { useApp, useStep } from "./context.ts";
import { Field, Form } from "./form.tsx";

interface Props {
  /** Its words between spaces; whoever drew it wipes it. */
  readonly code: Secret;
  /** The code is on paper. What it throws is shown, and the same button tries again. */
  readonly onConfirmed: () => void | Promise<void>;
  /** What confirming does. */
  readonly does: string;
  readonly label: string;
}

export function CodeCeremony({ code, onConfirmed, does, label }: Props) {
  const app = useApp();
  const { code: texts } = app.texts;
  const [phase, setPhase] = useState<"covered" | "shown" | "confirm">("covered");
  const step = useStep();
  const [places] = useState(() => twoPlaces(wordsOf(code).length, random));

  useEffect(() => {
    const cover = (): void => {
      if (document.hidden) {
        setPhase((now) => (now === "shown" ? "covered" : now));
      }
    };
    document.addEventListener("visibilitychange", cover);
    return () => document.removeEventListener("visibilitychange", cover);
  }, []);

  if (phase === "confirm") {
    return (
      <Form
        name="confirm-code"
        step={step}
        onSubmit={async (typed) => {
          const words = places.map((place) => typed.needed(`place-${place}`));
          const [wrong] = wrongPlaces(wordsOf(code), places, words);
          if (wrong !== undefined) {
            throw new InputFailure(`place-${wrong}`, "confirm-words");
          }
          await onConfirmed();
        }}
        actions={
          <>
            <Button does={does} kind="primary" submit step={step}>
              {label}
            </Button>
            <Button does="show-code-again" kind="quiet" onClick={() => setPhase("shown")}>
              {texts.showAgain}
            </Button>
          </>
        }
      >
        <h2>{texts.confirmTitle}</h2>
        <p>{texts.confirmText}</p>
        {places.map((place) => (
          <Field key={place} name={`place-${place}`} label={texts.word(place)} />
        ))}
      </Form>
    );
  }
  return (
    <>
      <p>{texts.text}</p>
      {phase === "covered" ? (
        <Button does="show-code" kind="primary" onClick={() => setPhase("shown")}>
          {texts.show}
        </Button>
      ) : (
        <>
          <ol class="code appear" dir="ltr" data-part="code">
            {wordsOf(code).map((word, place) => (
              <li key={place}>{word}</li>
            ))}
          </ol>
          <Button does="written" kind="primary" onClick={() => setPhase("confirm")}>
            {texts.written}
          </Button>
        </>
      )}
    </>
  );
}

function wordsOf(code: Secret): string[] {
  return new TextDecoder().decode(code).split(" ");
}
