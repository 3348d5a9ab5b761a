/** The passphrase: for the account, for a restore onto this device, or for an older backup. */

import { useState } from "preact/hooks";
import type { Acceptance } from "../api.ts";
import { acceptable, InputFailure } from "../app/failure.ts";
import { secretOf } from "../logic/secret.ts";
import { Accept } from "../parts/accept.tsx";
import { Button } from "../parts/button.tsx";
import { useApp, useAsked, useStep } from "../parts/context.ts";
import { Field, Form, type Typed } from "../parts/form.tsx";
import { Screen } from "../parts/screen.tsx";
import { chosenVault, DeviceField, VaultField } from "../parts/vault-field.tsx";

/** What a person let go of, where the failure asked for it and the box was ticked. */
export function accepted(typed: Typed, before: Acceptance): Acceptance {
  const asked = typed.text("accept");
  return asked === "" ? before : { ...before, [asked]: true };
}

/** The number of an older backup, where one was typed. */
export function backupNumber(typed: Typed): number | null {
  const text = typed.text("backup").trim();
  if (text === "") {
    return null;
  }
  if (!/^[1-9]\d{0,14}$/u.test(text)) {
    throw new InputFailure("backup", "no-number");
  }
  return Number(text);
}

export function Login() {
  const app = useApp();
  const step = useStep();
  const { login, account } = app.texts;
  const { route, kept } = app.state;
  const restore = route.restore === true || route.backup !== undefined;
  const [accept, setAccept] = useState<Acceptance>({});
  // A browser that was paired, or recovered, knows the account but not its name.
  const asksName = useAsked(step, ["name-needed", "other-name"]) || !kept.account;
  return (
    <Screen name="login" title={restore ? login.restoreTitle : login.title}>
      <Form
        name="login"
        step={step}
        onSubmit={async (typed) => {
          const now = accepted(typed, accept);
          setAccept(now);
          const vault = kept.account ? null : chosenVault(app, typed);
          const name = asksName ? typed.needed("username") : null;
          const passphrase = secretOf(typed.needed("passphrase"));
          const deviceLabel = kept.account ? null : typed.needed("device");
          const backup = backupNumber(typed);
          app.opened(await app.vault.login({ vault, name, passphrase, deviceLabel, restore, backup, accept: now }));
        }}
        consent={<Accept what={step.failure === null ? null : acceptable(step.failure)} />}
        actions={
          <>
            <Button does="submit" kind="primary" submit step={step}>
              {restore ? login.restoreDo : login.do}
            </Button>
            <Button does="recover" kind="quiet" onClick={() => app.go({ name: "recover" })}>
              {login.recover}
            </Button>
          </>
        }
      >
        <VaultField />
        {asksName && <Field name="username" label={account.name} autocomplete="username" />}
        <Field name="passphrase" type="password" label={account.passphrase} hint={login.text} autocomplete="current-password" />
        {!kept.account && <DeviceField />}
        <OlderBackup initial={route.backup} />
      </Form>
    </Screen>
  );
}

export function OlderBackup({ initial }: { readonly initial?: number | undefined }) {
  const { login } = useApp().texts;
  return (
    <details open={initial !== undefined}>
      <summary>{login.older}</summary>
      <Field name="backup" type="number" label={login.number} hint={login.numberHint} initial={initial?.toString() ?? ""} optional />
    </details>
  );
}
