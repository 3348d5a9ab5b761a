/** The vault's address, asked for only where neither the page's host nor this browser knows it; and the device's label. */

import { deviceGuess, vaultOrigin } from "../logic/address.ts";
import { useApp } from "./context.ts";
import { Field, type Typed } from "./form.tsx";
import type { App } from "../app/app.ts";

/** The vault that is known already. */
export function knownVault(app: App): string | null {
  const { configuredVault, vault } = app.state.deviceState;
  return vault ?? configuredVault;
}

/** The vault that is known, or the one that was typed. */
export function chosenVault(app: App, typed: Typed): string {
  return knownVault(app) ?? vaultOrigin(typed.text("vault"));
}

export function VaultField({ onInput }: { readonly onInput?: (text: string) => void }) {
  const app = useApp();
  const { vault } = app.texts;
  if (knownVault(app) !== null) {
    return <p class="quiet">{new URL(knownVault(app) ?? "").host}</p>;
  }
  return <Field name="vault" type="url" label={vault.label} hint={vault.hint} autocomplete="url" {...(onInput && { onInput })} />;
}

export function DeviceField() {
  const app = useApp();
  const { account } = app.texts;
  const initial = app.state.deviceState.deviceLabel ?? deviceGuess(navigator.userAgent);
  return <Field name="device" label={account.device} hint={account.deviceHint} initial={initial} />;
}
