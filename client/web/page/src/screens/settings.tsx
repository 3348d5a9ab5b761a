/** Settings of the page, what it is and what it can promise, and forgetting what this browser keeps. */

import { rememberLanguage } from "../app/remembered.ts";
import { Button } from "../parts/button.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { Screen } from "../parts/screen.tsx";
import { knownVault } from "../parts/vault-field.tsx";
import { LANGUAGES, type LanguageTag } from "../texts/languages.ts";

export function Settings() {
  const app = useApp();
  const step = useStep();
  const { preferences } = app.texts;
  const vault = knownVault(app);
  const { deviceLabel } = app.state.deviceState;
  return (
    <Screen name="settings" title={preferences.title}>
      <div class="field">
        <label for="language">{preferences.language}</label>
        <select
          id="language"
          value={app.texts.tag}
          onChange={(event) => {
            const language = event.currentTarget.value as LanguageTag;
            step.run(async () => {
              await app.speak(language);
              rememberLanguage(language);
            });
          }}
        >
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <FailureNotice step={step} />
      <dl>
        <dt>{preferences.vault}</dt>
        <dd dir="auto">{vault === null ? preferences.none : new URL(vault).host}</dd>
        {deviceLabel !== null && (
          <>
            <dt>{preferences.device}</dt>
            <dd dir="auto">{deviceLabel}</dd>
          </>
        )}
      </dl>
      <div class="actions">
        <Button does="about" onClick={() => app.go({ name: "about" })}>
          {preferences.about}
        </Button>
        {app.state.deviceState.account && (
          <Button does="forget" kind="danger" onClick={() => app.go({ name: "forget" })}>
            {preferences.forget}
          </Button>
        )}
      </div>
    </Screen>
  );
}

export function About() {
  const app = useApp();
  const { about } = app.texts;
  return (
    <Screen name="about" title={about.title}>
      <p>{about.version(app.host.version)}</p>
      <p>{about.text}</p>
      <p class="notice warn">{about.limits}</p>
      <p>{about.memory}</p>
      <p>{about.hashes}</p>
      <ul class="menu">
        <li>
          <a href={app.host.hashes}>{about.hashesLink}</a>
        </li>
        <li>
          <a href={app.host.security} rel="noreferrer">
            {about.securityLink}
          </a>
        </li>
      </ul>
    </Screen>
  );
}

export function Forget() {
  const app = useApp();
  const step = useStep();
  const { forget } = app.texts;
  const { deviceState } = app.state;
  const run = (): void =>
    step.run(async () => {
      await app.vault.forget();
      await app.closed({ name: "welcome" }, forget.done);
    });
  return (
    <Screen name="forget" title={forget.title}>
      <p>{forget.text}</p>
      {deviceState.pendingSave && <p class="notice bad">{forget.pendingSave}</p>}
      {deviceState.enrolled !== null && <p class="notice warn">{forget.enrolled}</p>}
      <FailureNotice step={step} />
      <div class="actions">
        <Button does="confirm-forget" kind="danger" step={step} onClick={run}>
          {forget.do}
        </Button>
        <Button does="cancel" onClick={() => app.back()}>
          {app.texts.cancel}
        </Button>
      </div>
    </Screen>
  );
}
