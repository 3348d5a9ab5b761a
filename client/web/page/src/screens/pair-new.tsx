/** The new device's side of a pairing: it shows a code, then six digits, then waits to be let in. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Permission } from "../api.ts";
import { asFailure } from "../app/failure.ts";
import { clipboard } from "../logic/clipboard.ts";
import { endOf } from "../logic/pairing.ts";
import { Button } from "../parts/button.tsx";
import { useApp, useStep, type Step } from "../parts/context.ts";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { Form } from "../parts/form.tsx";
import { QrCode } from "../parts/qr-code.tsx";
import { Retry } from "../parts/retry.tsx";
import { Screen } from "../parts/screen.tsx";
import { SixDigits } from "../parts/six-digits.tsx";
import { chosenVault, DeviceField, VaultField } from "../parts/vault-field.tsx";

type Phase =
  | { readonly name: "begin" }
  | { readonly name: "offered"; readonly text: string }
  | { readonly name: "compare"; readonly digits: string };

export function PairNew() {
  const app = useApp();
  const step = useStep();
  const [phase, setPhase] = useState<Phase>({ name: "begin" });
  // From here on the other device may let this one in.
  const [confirmed, setConfirmed] = useState(false);
  const waits = useRef(false);
  const { pair } = app.texts;

  const { name } = phase;
  useEffect(() => app.set({ waiting: name !== "begin" }), [name]);

  // Who leaves the screen ends the pairing.
  useEffect(
    () => () => {
      app.set({ waiting: false });
      if (waits.current) {
        void app.vault.cancelPairing().catch(() => undefined);
      }
    },
    [],
  );

  /** A step that goes on from where it was, unless the pairing has ended with its failure. */
  async function attempt(work: () => Promise<void>): Promise<void> {
    waits.current = true;
    try {
      await work();
    } catch (error) {
      const end = endOf(asFailure(error), "no-pairing");
      if (end !== null) {
        waits.current = false;
        setPhase({ name: "begin" });
      }
      throw end ?? error;
    }
  }

  const compare = async (): Promise<void> => setPhase({ name: "compare", digits: await app.vault.awaitPairing() });
  const again = (): void => step.run(async () => attempt(compare));
  const begin = async (vault: string, label: string): Promise<void> =>
    attempt(async () => {
      setConfirmed(false);
      setPhase({ name: "offered", text: await app.vault.offerPairing(vault, label) });
      await compare();
    });

  const same = (): void =>
    step.run(async () => {
      let permission: Permission = "view";
      setConfirmed(true);
      await attempt(async () => {
        permission = await app.vault.finishPairing();
      });
      waits.current = false;
      await app.lookAgain();
      const paired = pair.paired(app.texts.permissions[permission].may);
      try {
        app.opened(await app.vault.open(false, {}), paired);
      } catch {
        // It is in: the first screen opens the account when the vault can be reached.
        app.go({ name: "welcome" }, { replace: true, notice: paired });
      }
    });

  async function stop(notice: string): Promise<void> {
    waits.current = false;
    await app.vault.cancelPairing();
    setPhase({ name: "begin" });
    app.warn(notice);
  }

  // The form stays while its step waits for the other device, so that a failure offers it again as it was.
  return (
    <Screen name="pair-new" title={pair.newTitle}>
      <div hidden={name !== "begin"}>
        <p>{pair.newText}</p>
        <Form
          name="pair-new"
          step={name === "begin" ? step : { ...step, failure: null }}
          onSubmit={async (typed) => begin(chosenVault(app, typed), typed.needed("device"))}
          actions={
            <Button does="submit" kind="primary" submit step={step}>
              {pair.begin}
            </Button>
          }
        >
          <VaultField />
          <DeviceField />
        </Form>
        {confirmed && step.failure !== null && <p data-part="may-be-in">{pair.mayBeIn}</p>}
      </div>
      {phase.name === "offered" && <Offered text={phase.text} waiting={step} onAgain={again} />}
      {phase.name === "compare" && (
        <SixDigits
          digits={phase.digits}
          actions={
            step.running ? (
              <p role="status">{pair.confirming}</p>
            ) : (
              <>
                <Button does="same" kind="primary" onClick={same}>
                  {confirmed ? app.texts.again : pair.same}
                </Button>
                {confirmed ? (
                  <Button does="stop" onClick={() => step.run(async () => stop(pair.mayBeIn))}>
                    {app.texts.cancel}
                  </Button>
                ) : (
                  <Button does="differ" kind="danger" onClick={() => step.run(async () => stop(pair.differed))}>
                    {pair.differ}
                  </Button>
                )}
              </>
            )
          }
        >
          <FailureNotice step={step} />
        </SixDigits>
      )}
    </Screen>
  );
}

interface OfferedProps {
  readonly text: string;
  /** The wait for the other device, which may be broken off. */
  readonly waiting: Step;
  readonly onAgain: () => void;
}

function Offered({ text, waiting, onAgain }: OfferedProps) {
  const app = useApp();
  const step = useStep();
  const { pair } = app.texts;
  return (
    <div class="appear">
      <p>{pair.scan}</p>
      <QrCode text={text} label={pair.qr} />
      <div class="field">
        <label for="pairing-text">{pair.text}</label>
        <textarea id="pairing-text" class="mono" dir="ltr" readOnly rows={3} value={text} />
      </div>
      <Button does="copy" step={step} onClick={() => step.run(async () => clipboard.copy(text))}>
        {app.texts.copy}
      </Button>
      <FailureNotice step={step} />
      <FailureNotice step={waiting} />
      {waiting.running ? (
        <p role="status" class="waiting">
          {pair.waiting}
        </p>
      ) : (
        <Retry step={waiting} isLoaded onClick={onAgain} />
      )}
    </div>
  );
}
