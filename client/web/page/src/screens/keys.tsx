/** What changes the keys of the account: a new passphrase, a new recovery code, new keys, and its deletion. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure, Secret, SessionView } from "../api.ts";
import { asFailure, InputFailure } from "../app/failure.ts";
import { Button } from "../parts/button.tsx";
import { CodeCeremony } from "../parts/code-ceremony.tsx";
import { useCodeRecord } from "../parts/code-record.ts";
import { useApp, useStep } from "../parts/context.ts";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { Field, Form } from "../parts/form.tsx";
import { KnownName } from "../parts/known-name.tsx";
import { chosenPassphrase, NewPassphrase } from "../parts/new-passphrase.tsx";
import { openBackup, Reopen } from "../parts/reopen.tsx";
import { Screen } from "../parts/screen.tsx";
import { explainInOne } from "../texts/errors.ts";

export function ChangePassphrase({ session }: { readonly session: SessionView }) {
  const app = useApp();
  const step = useStep();
  const { change, menu } = app.texts;
  const { deviceState } = app.state;
  const recovering = session.by === "recovery-code";
  const hints = (): string[] => (deviceState.vault === null ? [] : [deviceState.vault]);
  return (
    <Screen name="passphrase" title={recovering ? change.recoverTitle : change.title}>
      {!recovering && <p>{change.text}</p>}
      {session.named && !deviceState.named && (
        <div class="notice warn" data-part="name-required">
          <p>{session.accountName === null ? change.nameNeeded : change.nameNoted(session.accountName)}</p>
          {deviceState.enrolled === null && (
            <>
              <p>{session.accountName === null ? change.nameForgotten : change.orEnrol}</p>
              <Button does="enrol" onClick={() => app.go({ name: "enrol" })}>
                {menu.enrol}
              </Button>
            </>
          )}
        </div>
      )}
      <Form
        name="passphrase"
        step={step}
        onSubmit={async (typed) => {
          const name = session.named ? null : typed.needed("username");
          await app.vault.setPassphrase(await chosenPassphrase(app.vault, typed, hints()), name);
          const opensAlone = deviceState.enrolled !== null && !deviceState.named;
          await app.closed({ name: opensAlone ? "welcome" : "login" }, change.done);
        }}
        actions={
          <Button does="submit" kind="primary" submit step={step}>
            {change.do}
          </Button>
        }
      >
        {session.named ? <KnownName /> : <Field name="username" label={change.name} hint={change.nameHint} autocomplete="username" />}
        <NewPassphrase hints={hints} />
      </Form>
    </Screen>
  );
}

/** What is there once the vault was found not to know the code: a login sends what is recorded of it. */
const CLOSED: Failure = { code: "locked", uncertain: false };

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
  const record = useCodeRecord();
  /** The session has ended with the request: the code itself shows whether it is active. */
  const asks = useRef(false);
  const left = useRef(false);
  useEffect(() => () => void (left.current = true), []);
  useEffect(() => () => void code?.fill(0), [code]);
  // Whoever leaves has a paper in the hand.
  useEffect(() => (code === null ? undefined : () => record.holds() !== "yes" && leave()), [code]);
  const isRekey = name === "rekey";
  /** The older backup that is to become the newest: the one that was open when the code was drawn. */
  const [continued, setContinued] = useState<number | null>(null);
  const older = code === null ? openBackup(session) : continued;
  const texts = isRekey ? app.texts.rekey : app.texts.newCode;
  const said = (inactive: string): string =>
    ({ yes: texts.done, unsure: app.texts.code.unsure, superseded: app.texts.code.superseded, "not-yet": inactive })[record.holds()];
  const leave = (): void => {
    app.warn(said(app.texts.code.dropped));
    void app.lookAgain();
  };
  const draw = (): void =>
    step.run(async () => {
      if (isRekey) {
        await app.vault.mayRekey(older);
      }
      const drawn = await app.vault.generateRecoveryCode(name);
      // What was found out about an earlier code says nothing of this one.
      const open = app.state.session;
      app.set({ session: open === null ? null : { ...open, code: null } });
      await record.drawn();
      if (left.current) {
        drawn.fill(0);
      }
      setContinued(older);
      setCode(drawn);
    });
  const finish = (written: Secret): void =>
    step.run(async () => {
      let done: string = texts.done;
      if (record.holds() === "yes") {
        // The login in between has activated it.
        await app.vault.close();
      } else if (asks.current) {
        await find(written);
      } else {
        done = await use(written);
      }
      record.isActive();
      await app.closed({ name: "login" }, done);
    });
  /** Gives what to say of a code that is active now. */
  async function use(written: Secret): Promise<string> {
    if (older !== null && record.holds() === "unsure") {
      // Only a login sends what is recorded.
      await app.vault.close();
      throw CLOSED;
    }
    try {
      await record.during(() => (isRekey ? app.vault.rekey(written.slice(), older) : app.vault.useRecoveryCode(written.slice())));
      return texts.done;
    } catch (error) {
      const failure = asFailure(error);
      const { code, uncertain } = failure;
      if (code === "rekeyed-not-committed") {
        // The next login stores what is missing here.
        return explainInOne(app.texts, failure);
      }
      asks.current = uncertain;
      if (code === "recovery-code-waiting") {
        // Only a login sends what is recorded.
        await app.vault.close();
        throw CLOSED;
      }
      throw error;
    }
  }
  /** The code itself shows whether it is active. If it is not, the account is opened again to continue with the same code. */
  async function find(written: Secret): Promise<void> {
    try {
      await app.vault.recover({ vault: null, code: written.slice(), deviceLabel: null, backup: null, accept: {} });
      await app.vault.close();
    } catch (error) {
      if (asFailure(error).code !== "recovery-refused") {
        throw error;
      }
      asks.current = false;
      await record.look();
      throw CLOSED;
    }
  }
  const holds = record.holds();
  const needsPassphrase = isRekey && session.by !== "passphrase";
  return (
    <Screen name={code === null || confirmed ? name : `${name}-words`} title={texts.title}>
      {code === null && (
        <>
          <p>{texts.text}</p>
          {isRekey && <p class="notice warn">{app.texts.rekey.text2}</p>}
          {isRekey && older !== null && (
            <p class="notice bad" data-part="continues">
              {app.texts.rekey.continues(older)}
            </p>
          )}
          {isRekey && session.refused !== null ? (
            <div class="notice bad" data-part="choose-backup">
              <p>{app.texts.rekey.chooseFirst}</p>
              <Button does="backups" kind="primary" onClick={() => app.go({ name: "backups" })}>
                {app.texts.menu.backups}
              </Button>
            </div>
          ) : needsPassphrase ? (
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
          <CodeCeremony
            code={code}
            does="finish"
            label={texts.do}
            onConfirmed={() => {
              // Confirming activates: there is no further step in which a paper could be left behind.
              setConfirmed(true);
              finish(code);
            }}
          />
        </>
      )}
      {code !== null && confirmed && (
        <>
          {step.running && <p>{texts.finish}</p>}
          {!step.running && !step.failure?.uncertain && holds !== "yes" && (
            <p class="notice warn" data-holds={holds}>
              {said(app.texts.code.notYet)}
            </p>
          )}
          <FailureNotice step={step} passphraseOnly={isRekey} backup={holds === "unsure" ? null : older} />
          {!step.running && holds !== "superseded" && (
            <Button does="finish" kind="primary" step={step} onClick={() => finish(code)}>
              {app.texts.again}
            </Button>
          )}
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
