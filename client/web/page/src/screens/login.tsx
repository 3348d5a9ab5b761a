/** The passphrase: for the account, for a restore onto this device, or for an older backup. */

import { secretOf } from "../logic/secret.ts";
import { Button } from "../parts/button.tsx";
import { useApp, useAsked, useStep } from "../parts/context.ts";
import { Field } from "../parts/form.tsx";
import { KnownName } from "../parts/known-name.tsx";
import { OpeningForm } from "../parts/opening.tsx";
import { Screen } from "../parts/screen.tsx";

export function Login() {
  const app = useApp();
  const step = useStep();
  const { login, account } = app.texts;
  const { route, deviceState } = app.state;
  const restore = route.restore === true || route.backup !== undefined;
  const asksName = useAsked(step, ["name-required", "other-name"]) || !deviceState.named;
  return (
    <Screen name="login" title={restore ? login.restoreTitle : login.title}>
      <OpeningForm
        name="login"
        step={step}
        backup={route.backup}
        onSubmit={async (typed, opening) => {
          const name = asksName ? typed.needed("username") : null;
          const passphrase = secretOf(typed.needed("passphrase"));
          const session = await app.vault.login({ ...opening, name, passphrase, restore });
          app.accountName = name ?? "";
          app.opened(session);
        }}
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
        {asksName ? <Field name="username" label={account.name} autocomplete="username" /> : <KnownName />}
        <Field name="passphrase" type="password" label={account.passphrase} hint={login.text} autocomplete="current-password" />
      </OpeningForm>
    </Screen>
  );
}
