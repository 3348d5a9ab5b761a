/** A new account: who it is for, then its recovery code, which is confirmed before the account is made. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Secret, VaultInfo } from "../api.ts";
import { asFailure } from "../app/failure.ts";
import { vaultOrigin } from "../logic/address.ts";
import { Button } from "../parts/button.tsx";
import { CodeCeremony } from "../parts/code-ceremony.tsx";
import { type CodeRecord, useCodeRecord } from "../parts/code-record.ts";
import { useApp, useStep } from "../parts/context.ts";
import { Field, Form } from "../parts/form.tsx";
import { chosenPassphrase, NewPassphrase } from "../parts/new-passphrase.tsx";
import { Screen } from "../parts/screen.tsx";
import { chosenVault, DeviceField, knownVault, VaultField } from "../parts/vault-field.tsx";

/** What is corrected in the form. */
const OF_THE_FORM: readonly string[] = [
  "name-taken", "invite-required", "invite-refused", "registration-closed", "weak-passphrase", "input", "budget-spent",
];

/** What was typed, until the account is made. */
interface NewAccount {
  readonly origin: string;
  readonly name: string;
  readonly passphrase: Secret;
  readonly invite: string | null;
  readonly device: string;
}

export function Register() {
  const app = useApp();
  const step = useStep();
  const { register, account, vault, code: texts } = app.texts;
  const [info, setInfo] = useState<VaultInfo | null>(null);
  const [typedAccount, setTyped] = useState<NewAccount | null>(null);
  const [code, setCode] = useState<Secret | null>(null);
  const [isOnPaper, setOnPaper] = useState(false);
  const record = useCodeRecord();
  const left = useRef(false);
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
    if (origin !== null) {
      ask(origin).catch(() => undefined);
    }
    return () => {
      left.current = true;
    };
  }, []);
  useEffect(() => () => void typedAccount?.passphrase.fill(0), [typedAccount]);
  useCode(code, record);

  async function make(made: NewAccount, written: Secret): Promise<void> {
    const { origin, name, passphrase, invite, device } = made;
    let isUnchecked = false;
    try {
      const session = await record.during(() =>
        app.vault.register(origin, name, passphrase.slice(), invite, device, written.slice()),
      );
      isUnchecked = session.by === "recovery-code";
      app.accountName = name;
      app.set({ session });
    } catch (error) {
      if (OF_THE_FORM.includes(asFailure(error).code)) {
        // Nothing was made. The paper stays good for what is corrected in the form.
        setTyped(null);
        step.fail(asFailure(error));
        return;
      }
      throw error;
    }
    await app.lookAgain();
    app.go({ name: "account" }, { replace: true, notice: isUnchecked ? register.unchecked : texts.confirmed });
  }

  const isClosed = info?.registration === "closed";
  const isForm = typedAccount === null || code === null;
  return (
    <Screen name={isForm ? "register" : "register-words"} title={isForm ? register.title : texts.title}>
      {isClosed && <p class="notice warn">{vault.closed}</p>}
      {!isForm && (
        <>
          <p class="hint">{texts.first}</p>
          <CodeCeremony
            code={code}
            does="confirm-code"
            label={texts.confirm}
            onConfirmed={() => {
              setOnPaper(true);
              return make(typedAccount, code);
            }}
          />
        </>
      )}
      {/* What was typed stays, in case the vault refuses some of it. */}
      <div hidden={!isForm}>
        {isOnPaper && <p class="notice">{texts.onPaper}</p>}
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
            const made = { origin, name, passphrase, invite, device };
            if (code !== null && isOnPaper) {
              return make(made, code).finally(() => passphrase.fill(0));
            }
            const drawn = code ?? (await app.vault.generateFirstCode(origin, device));
            if (code === null) {
              await record.drawn();
            }
            if (left.current) {
              drawn.fill(0);
              passphrase.fill(0);
              return undefined;
            }
            setCode(drawn);
            return setTyped(made);
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
      </div>
    </Screen>
  );
}

/** The code stays on the screen until its user leaves, who is asked once; what became of the paper is said then. */
function useCode(code: Secret | null, record: CodeRecord): void {
  const app = useApp();
  useEffect(() => {
    if (code === null) {
      return undefined;
    }
    let said: string | null = null;
    app.showsCode = true;
    app.mayLeave = () => {
      const { leave, leaveUnsure } = app.texts.code;
      const holds = record.holds();
      const text = holds === "not-yet" ? leave : leaveUnsure;
      if (holds === "yes" || said === text) {
        return true;
      }
      said = text;
      app.warn(text);
      return false;
    };
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => {
      code.fill(0);
      app.showsCode = false;
      app.mayLeave = null;
      removeEventListener("beforeunload", warn);
      void app.lookAgain();
    };
  }, [code]);
}

function originOf(text: string): string {
  try {
    return vaultOrigin(text);
  } catch {
    return "";
  }
}
