/**
 * The form that opens the account by what a person knows or has on paper. Where no account is known here it asks for the vault, and
 * what to call this device; else for no more than what opens it.
 */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Acceptance } from "../api.ts";
import { acceptable, InputFailure } from "../app/failure.ts";
import { Accept } from "./accept.tsx";
import { useApp, type Step } from "./context.ts";
import { Field, Form, type Typed } from "./form.tsx";
import { chosenVault, DeviceField, VaultField } from "./vault-field.tsx";

/** What each way in takes beside the secret, as `api.ts` has it. */
interface Opening {
  readonly vault: string | null;
  readonly deviceLabel: string | null;
  readonly backup: number | null;
  readonly accept: Acceptance;
}

interface Props {
  readonly name: string;
  readonly step: Step;
  /** The number of an older backup, where one was chosen. */
  readonly backup?: number | undefined;
  /** Reads the secret and opens the account. */
  readonly onSubmit: (typed: Typed, opening: Opening) => Promise<void>;
  readonly children: ComponentChildren;
  readonly actions: ComponentChildren;
}

export function OpeningForm({ name, step, backup, onSubmit, children, actions }: Props) {
  const app = useApp();
  const { login } = app.texts;
  const { account } = app.state.deviceState;
  const [before, setBefore] = useState<Acceptance>({});
  const [wasOlder, setWasOlder] = useState(false);
  const offered = step.failure === null ? [] : acceptable(step.failure);
  return (
    <Form
      name={name}
      step={step}
      onSubmit={async (typed) => {
        const accept = accepted(typed, before);
        setBefore(accept);
        const number = backupNumber(typed);
        setWasOlder(number !== null);
        const vault = account ? null : chosenVault(app, typed);
        const deviceLabel = account ? null : typed.needed("device");
        await onSubmit(typed, { vault, deviceLabel, backup: number, accept });
      }}
      consent={<Accept what={offered.filter((what) => what !== "newest" || !wasOlder)} />}
      actions={actions}
    >
      <VaultField />
      {children}
      {!account && <DeviceField />}
      <details open={backup !== undefined}>
        <summary>{login.older}</summary>
        <Field name="backup" type="number" label={login.number} hint={login.numberHint} initial={backup?.toString() ?? ""} optional />
      </details>
    </Form>
  );
}

/** What a person let go of, where the failure asked for it and the box was ticked. */
function accepted(typed: Typed, before: Acceptance): Acceptance {
  return { ...before, ...Object.fromEntries(typed.ticked("accept").map((what) => [what, true])) };
}

/** The number of an older backup, where one was typed. */
function backupNumber(typed: Typed): number | null {
  const text = typed.text("backup").trim();
  if (text === "") {
    return null;
  }
  if (!/^[1-9]\d{0,14}$/u.test(text)) {
    throw new InputFailure("backup", "no-number");
  }
  return Number(text);
}
