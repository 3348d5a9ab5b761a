/** The enrolled devices: what each may do, and changing that; and the enrolment of this browser. */

import { useState } from "preact/hooks";
import type { Device, DeviceChange, Failure, Permission, RekeyReason, SessionView } from "../api.ts";
import { asFailure } from "../app/failure.ts";
import { Button } from "../parts/button.tsx";
import { useApp, useLoaded, useStep } from "../parts/context.ts";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { Form } from "../parts/form.tsx";
import { Permissions } from "../parts/permissions.tsx";
import { Retry } from "../parts/retry.tsx";
import { Screen } from "../parts/screen.tsx";
import { explainInOne } from "../texts/errors.ts";

export function Devices({ session }: { readonly session: SessionView }) {
  const app = useApp();
  const { value, step, reload } = useLoaded(() => app.vault.devices());
  const [reason, setReason] = useState<RekeyReason | null>(null);
  const { devices, menu } = app.texts;
  const manages = session.permission === "manage" && !session.devicesRefused;

  async function changed(change: DeviceChange, said: string): Promise<void> {
    if (change.endedSession) {
      const why = change.rekeyReason === null ? "" : ` ${devices.rekeyReasons[change.rekeyReason]}`;
      return app.closed({ name: "welcome" }, said + why);
    }
    setReason(change.rekeyReason);
    app.set({ notice: said });
    await app.lookAgain();
    reload();
  }

  return (
    <Screen name="devices" title={devices.title}>
      <p data-loaded={value !== null}>{devices.text}</p>
      {reason !== null && (
        <div class="notice warn" data-part="rekey-advised">
          <p>{devices.rekeyReasons[reason]}</p>
          <Button does="rekey" onClick={() => app.go({ name: "rekey" })}>
            {devices.rekey}
          </Button>
        </div>
      )}
      <FailureNotice step={step} />
      <Retry step={step} isLoaded={value !== null} onClick={reload} />
      {value?.length === 0 && <p>{devices.none}</p>}
      <ul class="items">
        {value?.map((device) => (
          <li key={device.id} class="panel" data-device={device.label}>
            <DeviceRow device={device} manages={manages} onChange={changed} />
          </li>
        ))}
      </ul>
      {manages && (
        <div class="actions">
          <Button does="pair-meet" kind="primary" onClick={() => app.go({ name: "pair-meet" })}>
            {menu.meet}
          </Button>
          {(app.state.deviceState.enrolled === null || !(value?.some((device) => device.isThis) ?? true)) && (
            <Button does="enrol" onClick={() => app.go({ name: "enrol" })}>
              {menu.enrol}
            </Button>
          )}
        </div>
      )}
    </Screen>
  );
}

interface RowProps {
  readonly device: Device;
  readonly manages: boolean;
  readonly onChange: (change: DeviceChange, said: string) => Promise<void>;
}

function DeviceRow({ device, manages, onChange }: RowProps) {
  const app = useApp();
  const step = useStep();
  const { devices, permissions, formats } = app.texts;
  const [open, setOpen] = useState<"no" | "change" | "revoke">("no");
  const [permission, setPermission] = useState<Permission>(device.permission);
  const permit = (): void =>
    step.run(async () => {
      const change = await app.vault.permit(device.id, permission);
      setOpen("no");
      await onChange(change, devices.permitted(device.label));
    });
  const revoke = (): void =>
    step.run(async () => {
      const change = await app.vault.revoke(device.id);
      setOpen("no");
      await onChange(change, devices.revoked(device.label));
    });
  return (
    <>
      <p dir="auto">
        <strong dir="auto">{device.label}</strong> {device.isThis && <span class="tag">{devices.this}</span>}
        {device.kind !== "app" && (
          <span class="tag" data-kind={device.kind}>
            {devices.kinds[device.kind]}
          </span>
        )}
        <span class="hint">
          {permissions[device.permission].name}: {permissions[device.permission].may}
        </span>
        <span class="hint">
          {devices.enrolled(formats.day(device.enrolledAt))}, {devices.seen(formats.day(device.lastSeenAt))}
        </span>
      </p>
      {open === "change" && <Permissions label={devices.may} value={permission} onChange={setPermission} />}
      {open === "revoke" && <p role="alert">{devices.revokeAsk(device.label)}</p>}
      <FailureNotice step={step} />
      {manages && open === "no" && (
        <div class="actions">
          <Button does="change" label={`${devices.change}: ${device.label}`} onClick={() => setOpen("change")}>
            {devices.change}
          </Button>
          <Button does="revoke" kind="danger" label={`${devices.revoke}: ${device.label}`} onClick={() => setOpen("revoke")}>
            {devices.revoke}
          </Button>
        </div>
      )}
      {open !== "no" && (
        <div class="actions">
          {open === "change" ? (
            <Button does="permit" kind="primary" step={step} onClick={permit}>
              {devices.permit}
            </Button>
          ) : (
            <Button does="confirm-revoke" kind="danger" step={step} onClick={revoke}>
              {devices.revoke}
            </Button>
          )}
          <Button does="cancel" onClick={() => setOpen("no")}>
            {app.texts.cancel}
          </Button>
        </div>
      )}
    </>
  );
}

/** Enrols this browser, so that it works without the passphrase. */
export function Enrol() {
  const app = useApp();
  const step = useStep();
  const [permission, setPermission] = useState<Permission>("backup");
  const { enrol, devices } = app.texts;
  return (
    <Screen name="enrol" title={enrol.title}>
      <p>{enrol.text}</p>
      <Form
        name="enrol"
        step={step}
        onSubmit={async () => {
          let unsettled: Failure | null = null;
          try {
            await app.vault.enrol(permission);
          } catch (error) {
            unsettled = asFailure(error);
            // The browser is enrolled all the same, and opening the account settles it.
            if (unsettled.code !== "enrolled-not-committed") {
              throw error;
            }
          }
          await app.lookAgain();
          app.go({ name: "account" }, { replace: true, notice: enrol.done });
          if (unsettled !== null) {
            app.warn(explainInOne(app.texts, unsettled));
          }
        }}
        actions={
          <Button does="submit" kind="primary" submit step={step}>
            {enrol.do}
          </Button>
        }
      >
        <Permissions label={devices.may} value={permission} onChange={setPermission} />
      </Form>
    </Screen>
  );
}
