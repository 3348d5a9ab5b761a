/** The open account: which backup it is, what it holds, and the ways from here. */

import type { SessionView } from "../api.ts";
import { Button } from "../parts/button.tsx";
import { CodeNoticePart } from "../parts/code-notice.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { NotedAccount } from "../parts/noted-account.tsx";
import { Screen } from "../parts/screen.tsx";
import type { ScreenName } from "../app/route.ts";

export function Account({ session }: { readonly session: SessionView }) {
  const app = useApp();
  const step = useStep();
  const { home, kinds, formats } = app.texts;
  const { backup, items } = session;
  const cannotSave = backup?.older === true || session.refused !== null;
  const refresh = (): void =>
    step.run(async () => app.set({ session: await app.vault.refresh(), notice: home.refreshed }));
  const lock = (): void =>
    step.run(async () => {
      await app.vault.close();
      await app.closed({ name: "welcome" }, home.locked);
    });
  return (
    <Screen name="account" title={home.title} first>
      <Notices session={session} />
      {session.refused !== null && <Refused code={session.refused} />}
      {backup === null && session.refused === null && <p class="panel">{home.none}</p>}
      {backup !== null && (
        <section class="panel" data-part="backup">
          <dl>
            <dt>{home.number}</dt>
            <dd data-backup={backup.number}>{home.numberOf(backup.number)}</dd>
            <dt>{home.at}</dt>
            <dd>{formats.date(backup.at)}</dd>
            <dt>{home.device}</dt>
            <dd dir="auto">{backup.device}</dd>
          </dl>
          {session.by !== "device" && <p class="hint">{home.look}</p>}
        </section>
      )}
      {backup?.older === true && (
        <div class="notice warn">
          <p>{home.older(backup.number)}</p>
          <Button does="newest" onClick={() => app.go({ name: "login", restore: true }, { replace: true })}>
            {home.newest}
          </Button>
          {session.permission === "manage" && (
            <>
              <p>{home.continueText}</p>
              <Button does="continue" onClick={() => app.go({ name: "rekey" })}>
                {home.continue(backup.number)}
              </Button>
            </>
          )}
        </div>
      )}
      {backup !== null && <h2>{home.entries(items.length)}</h2>}
      <ul class="items">
        {items.map((item) => (
          <li key={item.id}>
            <button type="button" class="way" data-do="entry" data-item={item.id} onClick={() => app.go({ name: "entry", id: item.id })}>
              <strong dir="auto">{item.label}</strong>
              <span>
                {kinds[item.kind]}
                {item.fingerprint !== null && ` · ${home.fingerprint(item.fingerprint)}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <FailureNotice step={step} />
      <div class="actions">
        <Button does="add" kind="primary" off={cannotSave || session.permission === "view"} onClick={() => app.go({ name: "add" })}>
          {home.add}
        </Button>
        {!cannotSave && (
          <Button does="refresh" step={step} onClick={refresh}>
            {home.refresh}
          </Button>
        )}
        <Button does="lock" step={step} onClick={lock}>
          {home.lock}
        </Button>
      </div>
      <Menu session={session} />
    </Screen>
  );
}

/** The newest backup cannot be opened: what that may mean, and what can be done. */
function Refused({ code }: { readonly code: string }) {
  const app = useApp();
  const { refused } = app.texts.home;
  const ways: [ScreenName, string][] = [
    ["devices", refused.devices],
    ["history", refused.history],
    ["backups", refused.backups],
  ];
  return (
    <section class="panel danger" data-part="refused" data-refused={code}>
      <h2>{refused.title}</h2>
      <p>{refused.text}</p>
      <p>{refused.kept}</p>
      <p>{refused.ways}</p>
      <ol>
        {ways.map(([name, text]) => (
          <li key={name}>
            <p>{text}</p>
            <Button does={name} onClick={() => app.go({ name })}>
              {app.texts.menu[name as "devices" | "history" | "backups"]}
            </Button>
          </li>
        ))}
        <li>
          <p>{refused.continue}</p>
        </li>
      </ol>
    </section>
  );
}

function Notices({ session }: { readonly session: SessionView }) {
  const app = useApp();
  const step = useStep();
  const { home, change } = app.texts;
  // What the login found out, or what a code has left since.
  const code = session.code ?? app.state.deviceState.code;
  const cannot = session.finished === "cannot-finish";
  const finished = home.finished[session.finished];
  const finish = (): void => step.run(async () => app.finishKept());
  const discard = (): void =>
    step.run(async () => {
      // It may just have been sent by itself, which then is said.
      await app.lookAgain();
      if (!app.state.deviceState.pendingSave && !cannot) {
        return;
      }
      app.set({ session: await app.vault.discardPendingSave(), notice: home.discarded });
      await app.lookAgain();
    });
  return (
    <>
      {finished !== "" && (
        <p class={cannot || session.finished === "offline" ? "notice warn" : "notice good"} data-finished={session.finished}>
          {finished}
        </p>
      )}
      {(app.state.deviceState.pendingSave || cannot) && (
        <div class="notice warn" data-part="pending-save">
          {!cannot && <p>{home.pendingSave}</p>}
          <FailureNotice step={step} />
          <div class="actions">
            {!cannot && (
              <Button does="finish" kind="primary" step={step} onClick={finish}>
                {home.finish}
              </Button>
            )}
            <Button does="discard" step={step} onClick={discard}>
              {home.discard}
            </Button>
          </div>
        </div>
      )}
      {code !== null && <CodeNoticePart notice={code} renews={session.permission === "manage"} />}
      {session.by !== "passphrase" && <NotedAccount session={session} />}
      {session.failedAttempts > 0 && <p class="notice warn">{home.failed(session.failedAttempts)}</p>}
      {session.devicesRefused && <p class="notice bad">{home.devicesRefused}</p>}
      {(!session.named || session.by === "recovery-code") && (
        <div class="notice warn" data-part="set-passphrase">
          <p>{session.named ? home.recovered : home.unnamed}</p>
          <Button does="set-passphrase" kind="primary" onClick={() => app.go({ name: "passphrase" })}>
            {change.recoverTitle}
          </Button>
        </div>
      )}
    </>
  );
}

function Menu({ session }: { readonly session: SessionView }) {
  const app = useApp();
  const { menu, home } = app.texts;
  const manages = session.permission === "manage";
  const ways: [ScreenName, string, boolean][] = [
    ["enrol", menu.enrol, app.state.deviceState.enrolled === null && manages],
    ["backups", menu.backups, true],
    ["devices", menu.devices, true],
    ["pair-meet", menu.meet, manages],
    ["history", menu.history, true],
    ["passphrase", menu.passphrase, manages],
    ["recovery-code", menu.code, manages],
    ["rekey", menu.rekey, manages],
    ["delete", menu.delete, manages],
  ];
  return (
    <nav aria-label={home.menu}>
      <h2>{home.menu}</h2>
      <ul class="menu">
        {ways.map(([name, title, shown]) =>
          shown ? (
            <li key={name}>
              <button type="button" class="link" data-do={name} onClick={() => app.go({ name })}>
                {title}
              </button>
            </li>
          ) : null,
        )}
      </ul>
      {!manages && <p class="hint">{home.more}</p>}
    </nav>
  );
}
