/** The new device's side of a pairing: it shows a code, then six digits, then waits to be let in. */

import { useEffect, useRef, useState } from "preact/hooks";
import { clipboard } from "../logic/clipboard.ts";
import { Button } from "../parts/button.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { Form } from "../parts/form.tsx";
import { QrCode } from "../parts/qr-code.tsx";
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

  async function begin(vault: string, label: string): Promise<void> {
    waits.current = true;
    try {
      setPhase({ name: "offered", text: await app.vault.offerPairing(vault, label) });
      setPhase({ name: "compare", digits: await app.vault.awaitPairing() });
    } catch (error) {
      waits.current = false;
      setPhase({ name: "begin" });
      throw error;
    }
  }

  const same = (): void =>
    step.run(async () => {
      try {
        const permission = await app.vault.finishPairing();
        waits.current = false;
        await app.lookAgain();
        app.opened(await app.vault.open(false), pair.paired(app.texts.permissions[permission].may));
      } catch (error) {
        waits.current = false;
        await app.lookAgain();
        setPhase({ name: "begin" });
        throw error;
      }
    });

  async function differ(): Promise<void> {
    waits.current = false;
    await app.vault.cancelPairing();
    setPhase({ name: "begin" });
    app.set({ notice: pair.differed });
  }

  // The form stays while its step waits for the other device, so that a failure offers it again as it was.
  return (
    <Screen name="pair-new" title={pair.newTitle}>
      <div hidden={phase.name !== "begin"}>
        <p>{pair.newText}</p>
        <Form
          name="pair-new"
          step={step}
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
      </div>
      {phase.name === "offered" && <Offered text={phase.text} />}
      {phase.name === "compare" && (
        <SixDigits
          digits={phase.digits}
          actions={
            step.running ? (
              <p role="status">{pair.confirming}</p>
            ) : (
              <>
                <Button does="same" kind="primary" onClick={same}>
                  {pair.same}
                </Button>
                <Button does="differ" kind="danger" onClick={() => step.run(differ)}>
                  {pair.differ}
                </Button>
              </>
            )
          }
        />
      )}
    </Screen>
  );
}

function Offered({ text }: { readonly text: string }) {
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
      <p role="status" class="waiting">
        {pair.waiting}
      </p>
    </div>
  );
}
