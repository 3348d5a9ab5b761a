/** What changes the keys of the account: a new passphrase, a new recovery code, new keys, and its deletion. */

import { useEffect, useState } from "preact/hooks";
import type { Secret, SessionView } from "../api.ts";
import { InputFailure } from "../app/failure.ts";
import { Button } from "../parts/button.tsx";
import { CodeCeremony } from "../parts/code-ceremony.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { Field, Form } from "../parts/form.tsx";
import { chosenPassphrase, NewPassphrase } from "../parts/new-passphrase.tsx";
import { Reopen } from "../parts/reopen.tsx";
import { Screen } from "../parts/screen.tsx";

export function ChangePassphrase({ session }: { readonly session: SessionView }) {
  const app = useApp();
  const step = useStep();
  const { change } = app.texts;
  const recovering = session.by === "recovery-code";
  const hints = (): string[] => (app.state.kept.vault === null ? [] : [app.state.kept.vault]);
  return (
    <Screen name="passphrase" title={recovering ? change.recoverTitle : change.title}>
      {!recovering && <p>{change.text}</p>}
      <Form
        name="passphrase"
        step={step}
        onSubmit={async (typed) => {
          const name = session.named ? null : typed.needed("username");
          await app.vault.setPassphrase(await chosenPassphrase(app.vault, typed, hints()), name);
          await app.closed({ name: "login" }, change.done);
        }}
        actions={
          <Button does="submit" kind="primary" submit step={step}>
            {change.do}
          </Button>
        }
      >
        {!session.named && <Field name="username" label={change.name} hint={change.nameHint} autocomplete="username" />}
        <NewPassphrase hints={hints} />
      </Form>
    </Screen>
  );
}

interface NewCodeProps {
  readonly name: "recovery-code" | "rekey";
  readonly session: SessionView;
}

/** A recovery code that takes the place of the former one, alone or with new keys. */
export function NewCode({ name, session }: NewCodeProps) {
  const app = useApp();
  const step = useStep();
  const [code, setCode] = useState<Secret | null>(null);
  const [confirmed, setConfirmed] = useState(false);
  useEffect(() => () => void code?.fill(0), [code]);
  const isRekey = name === "rekey";
  const texts = isRekey ? app.texts.rekey : app.texts.newCode;
  const draw = (): void => step.run(async () => setCode(await app.vault.drawRecoveryCode()));
  const finish = (): void =>
    step.run(async () => {
      await (isRekey ? app.vault.rekey() : app.vault.useRecoveryCode());
      await app.closed({ name: "login" }, texts.done);
    });
  const needsPassphrase = isRekey && session.by !== "passphrase";
  return (
    <Screen name={code === null || confirmed ? name : `${name}-words`} title={texts.title}>
      {code === null && (
        <>
          <p>{texts.text}</p>
          {isRekey && <p class="notice warn">{app.texts.rekey.text2}</p>}
          {needsPassphrase ? (
            <>
              <p>{app.texts.rekey.needs}</p>
              <Reopen onOpen={() => step.fail(null)} passphraseOnly />
            </>
          ) : (
            <>
              <FailureNotice step={step} />
              <Button does="draw" kind="primary" step={step} onClick={draw}>
                {texts.draw}
              </Button>
            </>
          )}
        </>
      )}
      {code !== null && !confirmed && (
        <>
          <p class="hint">{app.texts.code.old}</p>
          <CodeCeremony code={code} onConfirmed={() => setConfirmed(true)} />
        </>
      )}
      {confirmed && (
        <>
          <p>{texts.finish}</p>
          <FailureNotice step={step} />
          <Button does="finish" kind={isRekey ? "danger" : "primary"} step={step} onClick={finish}>
            {step.failure?.uncertain === true ? app.texts.again : texts.do}
          </Button>
        </>
      )}
    </Screen>
  );
}

export function DeleteAccount() {
  const app = useApp();
  const step = useStep();
  const { delete: texts } = app.texts;
  return (
    <Screen name="delete" title={texts.title}>
      <p class="notice bad">{texts.text}</p>
      <Form
        name="delete"
        step={step}
        onSubmit={async (typed) => {
          if (typed.text("word").trim().toLowerCase() !== texts.word) {
            throw new InputFailure("word", "type-it");
          }
          await app.vault.deleteAccount();
          await app.closed({ name: "welcome" }, texts.done);
        }}
        actions={
          <Button does="submit" kind="danger" submit step={step}>
            {texts.do}
          </Button>
        }
      >
        <Field name="word" label={texts.type(texts.word)} />
      </Form>
    </Screen>
  );
}
