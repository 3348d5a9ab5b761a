/** A new account, and then its recovery code, shown once. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { VaultInfo } from "../api.ts";
import { vaultOrigin } from "../logic/address.ts";
import { Button } from "../parts/button.tsx";
import { CodeCeremony } from "../parts/code-ceremony.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { Field, Form } from "../parts/form.tsx";
import { chosenPassphrase, NewPassphrase } from "../parts/new-passphrase.tsx";
import { Screen } from "../parts/screen.tsx";
import { chosenVault, DeviceField, knownVault, VaultField } from "../parts/vault-field.tsx";

export function Register() {
  const app = useApp();
  const step = useStep();
  const { register, account, vault } = app.texts;
  const [info, setInfo] = useState<VaultInfo | null>(null);
  const [made, setMade] = useState(app.freshCode !== null);
  const typedName = useRef("");
  const typedVault = useRef(knownVault(app) ?? "");
  const hints = (): string[] => [typedName.current, typedVault.current];

  async function ask(origin: string): Promise<VaultInfo> {
    const known = await app.vault.vaultInfo(origin);
    setInfo(known);
    return known;
  }

  // Whether an invite is needed is known before the form is sent, where the vault is known.
  useEffect(() => {
    const origin = knownVault(app);
    if (origin !== null && !made) {
      ask(origin).catch(() => undefined);
    }
  }, []);

  if (made) {
    return <FreshCode />;
  }
  const isClosed = info?.registration === "closed";
  return (
    <Screen name="register" title={register.title}>
      {isClosed && <p class="notice warn">{vault.closed}</p>}
      <Form
        name="register"
        step={step}
        onSubmit={async (typed) => {
          const origin = chosenVault(app, typed);
          const name = typed.needed("username");
          const passphrase = await chosenPassphrase(app.vault, typed, hints());
          const device = typed.needed("device");
          // Where the vault wants an invite, the field appears and what was typed stays.
          const needsInvite = (info ?? (await ask(origin))).registration === "invite";
          const invite = needsInvite ? typed.needed("invite").trim() : null;
          const { recoveryCode, session } = await app.vault.register(origin, name, passphrase, invite, device);
          app.freshCode = recoveryCode;
          app.accountName = name;
          app.set({ session });
          setMade(true);
          if (app.state.route.name !== "register") {
            // Whoever went back while it was made has to see the code all the same.
            app.go({ name: "register" }, { replace: true });
          }
          await app.lookAgain();
        }}
        actions={
          <Button does="submit" kind="primary" submit step={step} off={isClosed}>
            {register.do}
          </Button>
        }
      >
        <VaultField
          onInput={(text) => {
            setInfo(null);
            typedVault.current = originOf(text);
          }}
        />
        <Field
          name="username"
          label={account.name}
          hint={account.nameHint}
          autocomplete="username"
          onInput={(text) => {
            typedName.current = text;
          }}
        />
        <NewPassphrase hints={hints} />
        {info?.registration === "invite" && <Field name="invite" label={account.invite} hint={account.inviteHint} />}
        <DeviceField />
      </Form>
    </Screen>
  );
}

function originOf(text: string): string {
  try {
    return vaultOrigin(text);
  } catch {
    return "";
  }
}

/** Stays until the code is confirmed: going back does not lead past it. */
function FreshCode() {
  const app = useApp();
  const { code: texts } = app.texts;
  const code = app.freshCode;
  useEffect(() => {
    app.mayLeave = () => {
      app.warn(app.texts.code.leave);
      return false;
    };
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => {
      app.mayLeave = null;
      removeEventListener("beforeunload", warn);
    };
  }, []);
  if (code === null) {
    return null;
  }
  const confirmed = async (): Promise<void> => {
    await app.vault.codeConfirmed();
    await app.lookAgain();
    code.fill(0);
    app.freshCode = null;
    app.mayLeave = null;
    app.go({ name: app.state.session === null ? "login" : "account" }, { replace: true, notice: texts.confirmed });
  };
  return (
    <Screen name="recovery-code" title={texts.title} first>
      <CodeCeremony code={code} onConfirmed={confirmed} />
    </Screen>
  );
}
