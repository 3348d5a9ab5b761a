/** Opens the account again inside the step that found it closed, so that nothing that was typed is lost. */

import { useEffect, useRef } from "preact/hooks";
import type { SessionView } from "../api.ts";
import { secretOf } from "../logic/secret.ts";
import { Button } from "./button.tsx";
import { useApp, useAsked, useStep } from "./context.ts";
import { FailureNotice } from "./failure-notice.tsx";
import { KnownName } from "./known-name.tsx";

/** A form of its own (`shell.tsx`), since it may stand inside another. */
export const FORM = "reopen";

interface Props {
  readonly onOpen: () => void;
  /** Entries are to be shown: the vault is told so, and this browser's enrolment may not do. */
  readonly restore?: boolean;
  /** What comes next needs the passphrase. */
  readonly passphraseOnly?: boolean;
  /** The older backup to open, if it is not the one that was open. */
  readonly backup?: number | null;
}

/** Screens of what only a device that manages the account may do. */
const MANAGING: readonly string[] = ["passphrase", "recovery-code", "delete", "devices"];

export function Reopen({ onOpen, restore = false, passphraseOnly = false, ...props }: Props) {
  const app = useApp();
  const { backup = openBackup(app.state.session) } = props;
  const step = useStep();
  const input = useRef<HTMLInputElement>(null);
  const username = useRef<HTMLInputElement>(null);
  // What was typed goes with the field.
  useEffect(() => {
    const passphrase = input.current;
    return () => {
      if (passphrase !== null) {
        passphrase.value = "";
      }
    };
  }, []);
  const asksName = useAsked(step, ["name-required", "other-name"]) || !app.state.deviceState.named;
  const { reopen, account, login } = app.texts;
  const { enrolled } = app.state.deviceState;
  const may = MANAGING.includes(app.state.route.name)
    ? enrolled === "manage"
    : enrolled !== null && (!restore || enrolled === "restore" || enrolled === "manage");
  const suffices = !passphraseOnly && may && backup === null;
  // Who was in the account without its newest backup, or in an older one, is not held up by it now.
  const { session: before } = app.state;
  const accept = { newest: before !== null && (before.refused !== null || before.backup?.older === true) };

  const byPassphrase = (): void =>
    step.run(async () => {
      const passphrase = secretOf(input.current?.value ?? "");
      const name = asksName ? (username.current?.value ?? "") : null;
      const options = { vault: null, name, passphrase, deviceLabel: null, restore, backup, accept };
      const session = await app.vault.login(options);
      app.set({ session });
      onOpen();
    });
  const byDevice = (): void =>
    step.run(async () => {
      app.set({ session: await app.vault.open(restore, accept) });
      onOpen();
    });
  return (
    <section class="panel" aria-label={reopen.title} data-part="reopen">
      <h2>{reopen.title}</h2>
      {!restore && !passphraseOnly && <p>{reopen.text}</p>}
      {suffices && (
        <Button does="reopen-device" kind="primary" step={step} onClick={byDevice}>
          {reopen.byDevice}
        </Button>
      )}
      {asksName ? (
        <label class="stacked">
          {account.name}
          <input ref={username} type="text" form={FORM} autocomplete="username" autocapitalize="off" spellcheck={false} />
        </label>
      ) : (
        <KnownName form={FORM} />
      )}
      <label class="stacked">
        {account.passphrase}
        <input
          ref={input}
          type="password"
          form={FORM}
          autocomplete="current-password"
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              event.preventDefault();
              byPassphrase();
            }
          }}
        />
      </label>
      <FailureNotice step={step} reopens={false} />
      <Button does="reopen" kind={suffices ? "plain" : "primary"} step={step} onClick={byPassphrase}>
        {login.do}
      </Button>
    </section>
  );
}

/** The number of the older backup that a session shows. */
export function openBackup(session: SessionView | null): number | null {
  return session?.backup?.older === true ? session.backup.number : null;
}
