/** The managing device's side of a pairing: it reads what the new device shows, compares digits, and lets it in. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Permission, Vault } from "../api.ts";
import { asFailure, InputFailure } from "../app/failure.ts";
import { endOf } from "../logic/pairing.ts";
import { hasCamera, scan } from "../logic/scan.ts";
import { Button } from "../parts/button.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { Field, Form } from "../parts/form.tsx";
import { Permissions } from "../parts/permissions.tsx";
import { Screen } from "../parts/screen.tsx";
import { SixDigits } from "../parts/six-digits.tsx";

/** What a new device shows begins with it. */
const KIND = "rootcellar-pair-";

export function PairMeet() {
  const app = useApp();
  const step = useStep();
  const [met, setMet] = useState<Awaited<ReturnType<Vault["meetPairing"]>> | null>(null);
  const [scanned, setScanned] = useState("");
  const [replace, setReplace] = useState(false);
  const [permission, setPermission] = useState<Permission>("backup");
  // From here on the vault may have let it in.
  const [confirmed, setConfirmed] = useState(false);
  const waits = useRef(false);
  const { pair } = app.texts;

  useEffect(
    () => () => {
      if (waits.current) {
        void app.vault.cancelPairing().catch(() => undefined);
      }
    },
    [],
  );

  async function meet(text: string): Promise<void> {
    const plain = text.replace(/\s/gu, "");
    if (!plain.startsWith(KIND)) {
      throw new InputFailure("pairing-text", "no-pairing");
    }
    setConfirmed(false);
    await attempt(async () => setMet(await app.vault.meetPairing(plain)));
  }

  /** A step that may be done again, unless the pairing has ended with its failure. */
  async function attempt(work: () => Promise<void>): Promise<void> {
    waits.current = true;
    try {
      await work();
    } catch (error) {
      const end = endOf(asFailure(error), "locked");
      if (end !== null && (end.over === true || met !== null)) {
        forget();
      }
      throw end ?? error;
    }
  }

  function forget(): void {
    waits.current = false;
    setScanned("");
    setMet(null);
    // What was said of one device says nothing of the next one.
    setReplace(false);
    setPermission("backup");
  }

  const confirm = (label: string): void =>
    step.run(async () => {
      setConfirmed(true);
      await attempt(async () => app.vault.confirmPairing(permission));
      waits.current = false;
      app.go({ name: "devices" }, { replace: true, notice: pair.done(label) });
    });
  const stop = (notice: string): void =>
    step.run(async () => {
      forget();
      await app.vault.cancelPairing();
      app.warn(notice);
    });

  return (
    <Screen name="pair-meet" title={pair.meetTitle}>
      {met === null ? (
        <>
          <p>{pair.meetText}</p>
          <Camera
            onText={(text) => {
              setScanned(text);
              step.run(async () => meet(text));
            }}
          />
          <Form
            name="pair-meet"
            step={step}
            onSubmit={async (typed) => meet(typed.needed("pairing-text"))}
            actions={
              <Button does="submit" submit step={step}>
                {pair.read}
              </Button>
            }
          >
            <Field key={scanned} name="pairing-text" type="textarea" initial={scanned} label={hasCamera() ? pair.paste : pair.text} />
          </Form>
          {confirmed && step.failure !== null && <p data-part="may-be-in">{pair.mayBeOnList}</p>}
        </>
      ) : (
        <>
          <p dir="auto">{pair.calls(met.label)}</p>
          <SixDigits
            digits={met.code}
            actions={
              <>
                <Button does="same" kind="primary" step={step} off={met.replaces !== null && !replace} onClick={() => confirm(met.label)}>
                  {confirmed ? app.texts.again : pair.letIn}
                </Button>
                {confirmed ? (
                  <Button does="stop" step={step} onClick={() => stop(pair.mayBeOnList)}>
                    {app.texts.cancel}
                  </Button>
                ) : (
                  <Button does="differ" kind="danger" step={step} onClick={() => stop(pair.differed)}>
                    {pair.differ}
                  </Button>
                )}
              </>
            }
          >
            <Permissions label={pair.permission} value={permission} onChange={setPermission} />
            {met.replaces !== null && (
              <div class="notice bad" data-part="replaces">
                <p>{pair.replaces(met.replaces)}</p>
                <label class="check">
                  <input type="checkbox" name="replace" checked={replace} onChange={() => setReplace(!replace)} />
                  <span>{pair.replace}</span>
                </label>
              </div>
            )}
            <FailureNotice step={step} />
          </SixDigits>
        </>
      )}
    </Screen>
  );
}

/** The camera, once a person starts it; without one, the text is pasted. */
function Camera({ onText }: { readonly onText: (text: string) => void }) {
  const { pair } = useApp().texts;
  const step = useStep();
  const video = useRef<HTMLVideoElement>(null);
  const stop = useRef<AbortController | null>(null);
  const [on, setOn] = useState(false);
  useEffect(() => () => stop.current?.abort(), []);
  if (!hasCamera()) {
    return <p class="notice">{pair.noCamera}</p>;
  }
  const start = (): void =>
    step.run(async () => {
      const element = video.current;
      if (element === null) {
        return;
      }
      const wanted = (text: string): boolean => {
        const isWanted = text.startsWith(KIND);
        if (isWanted) {
          setOn(false);
          onText(text);
        }
        return isWanted;
      };
      setOn(true);
      stop.current = new AbortController();
      try {
        await scan(element, wanted, stop.current.signal);
      } catch {
        setOn(false);
        throw { code: "camera", uncertain: false };
      }
    });
  const end = (): void => {
    stop.current?.abort();
    setOn(false);
  };
  return (
    <div class="camera" data-camera={on}>
      <video ref={video} muted playsInline hidden={!on} aria-label={pair.aim} />
      {on && <p role="status">{pair.aim}</p>}
      <FailureNotice step={step} />
      {on ? (
        <Button does="stop-camera" onClick={end}>
          {pair.stop}
        </Button>
      ) : (
        <Button does="camera" kind="primary" step={step} onClick={start}>
          {pair.camera}
        </Button>
      )}
    </div>
  );
}
