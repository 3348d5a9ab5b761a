/** The first screen: what there is to do, by what this browser knows. */

import { Screen } from "../parts/screen.tsx";
import { Button } from "../parts/button.tsx";
import { CodeNoticePart } from "../parts/code-notice.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { InstallHint } from "../parts/install-hint.tsx";
import type { Acceptance } from "../api.ts";
import { acceptable } from "../app/failure.ts";
import type { Route } from "../app/route.ts";

export function Welcome() {
  const app = useApp();
  const step = useStep();
  const { welcome, login, permissions } = app.texts;
  const { deviceState } = app.state;
  const known = deviceState.account;
  const open = (accept: Acceptance): void => step.run(async () => app.opened(await app.vault.open(false, accept)));
  const way = (does: string, title: string, text: string, route: Route) => (
    <li>
      <button type="button" class="way" data-do={does} onClick={() => app.go(route)}>
        <strong>{title}</strong>
        <span>{text}</span>
      </button>
    </li>
  );
  return (
    <Screen name="welcome" title={known ? welcome.known : welcome.title} first>
      <p>{known ? welcome.knownText(new URL(deviceState.vault ?? location.origin).host) : welcome.text}</p>
      {deviceState.code !== null && <CodeNoticePart notice={deviceState.code} />}
      {deviceState.pendingSave && <p class="notice warn">{welcome.pendingSave}</p>}
      {deviceState.enrolled !== null && (
        <>
          <Button does="open" kind="primary" step={step} onClick={() => open({})}>
            {welcome.open}
          </Button>
          <p class="hint">{welcome.openText(permissions[deviceState.enrolled].may)}</p>
          <FailureNotice step={step} reopens={false} />
          {step.failure !== null && acceptable(step.failure).includes("newest") && (
            <div class="panel">
              <p>{login.accept.newest}</p>
              <Button does="open-without-newest" step={step} onClick={() => open({ newest: true })}>
                {login.withoutNewest}
              </Button>
            </div>
          )}
        </>
      )}
      <ul class="ways">
        {!known && way("register", welcome.register, welcome.registerText, { name: "register" })}
        {way("login", welcome.login, welcome.loginText, { name: "login" })}
        {way("restore", welcome.restore, welcome.restoreText, { name: "login", restore: true })}
        {way("recover", welcome.recover, welcome.recoverText, { name: "recover" })}
        {deviceState.enrolled === null && way("pair", welcome.pair, welcome.pairText, { name: "pair-new" })}
      </ul>
      <InstallHint />
    </Screen>
  );
}
