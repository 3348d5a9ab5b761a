/** The page around the screens: header, what is going on, and the screen itself. */

import { useEffect, useErrorBoundary } from "preact/hooks";
import type { JSX } from "preact";
import type { Failure, SessionView } from "../api.ts";
import { AppContext, useApp, useStep } from "../parts/context.ts";
import { Button } from "../parts/button.tsx";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { Progress } from "../parts/progress.tsx";
import { FORM } from "../parts/reopen.tsx";
import { Screen } from "../parts/screen.tsx";
import { Account } from "../screens/account.tsx";
import { Add } from "../screens/add.tsx";
import { Devices, Enrol } from "../screens/devices.tsx";
import { Entry } from "../screens/entry.tsx";
import { ChangePassphrase, DeleteAccount, NewCode } from "../screens/keys.tsx";
import { Backups, History } from "../screens/lists.tsx";
import { Login } from "../screens/login.tsx";
import { PairMeet } from "../screens/pair-meet.tsx";
import { PairNew } from "../screens/pair-new.tsx";
import { Recover } from "../screens/recover.tsx";
import { Register } from "../screens/register.tsx";
import { About, Forget, Settings } from "../screens/settings.tsx";
import { Welcome } from "../screens/welcome.tsx";
import type { App } from "./app.ts";
import { asFailure } from "./failure.ts";
import { CLOSED, OPEN } from "./route.ts";

type Closed = Record<(typeof CLOSED)[number], () => JSX.Element | null>;
type Open = Record<(typeof OPEN)[number], (props: { session: SessionView }) => JSX.Element | null>;

const closed: Closed = {
  welcome: Welcome,
  register: Register,
  login: Login,
  recover: Recover,
  "pair-new": PairNew,
  settings: Settings,
  about: About,
  forget: Forget,
};

const open: Open = {
  account: Account,
  add: Add,
  entry: Entry,
  backups: Backups,
  devices: Devices,
  enrol: Enrol,
  "pair-meet": PairMeet,
  history: History,
  passphrase: ChangePassphrase,
  "recovery-code": ({ session }) => <NewCode name="recovery-code" session={session} />,
  rekey: ({ session }) => <NewCode name="rekey" session={session} />,
  delete: DeleteAccount,
};

export function Shell({ app }: { readonly app: App }) {
  return (
    <AppContext.Provider value={app}>
      <Page />
    </AppContext.Provider>
  );
}

function Page() {
  const app = useApp();
  const { state, texts } = app;
  useEffect(() => {
    document.documentElement.lang = texts.tag;
    document.documentElement.dir = texts.dir;
  }, [texts]);
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => skip(event)}>
        {texts.skip}
      </a>
      <header>
        <span class="brand">
          <Mark />
          {texts.app}
        </span>
        <Button does="settings" kind="quiet" off={state.elsewhere} onClick={() => app.leaveFor({ name: "settings" })}>
          {texts.settings}
        </Button>
      </header>
      <div role="status" class="banners">
        {state.offline && (
          <p class="banner" data-offline>
            {texts.offline}
          </p>
        )}
        {state.updateReady && (
          <p class="banner" data-update>
            {texts.updateReady}{" "}
            <Button does="update" kind="quiet" off={state.running > 0} onClick={() => app.update()}>
              {texts.update}
            </Button>
          </p>
        )}
      </div>
      {/* Read out from a place that stays, since screens come and go. */}
      <p role="status" class="unseen">
        {state.notice}
      </p>
      <form id={FORM} hidden />
      <Guarded key={state.route.name} />
      <Progress />
    </>
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("main h1")?.focus();
}

/** The screen. What cannot be drawn is said, never left out in silence; the account stays open, and other screens can be gone to. */
function Guarded() {
  const { texts } = useApp();
  const step = useStep();
  const [error, again] = useErrorBoundary();
  return error === undefined ? (
    <Current />
  ) : (
    <Screen name="broken" title={texts.app}>
      <FailureNotice step={{ ...step, failure: asFailure(error) }} reopens={false} />
      <Button does="retry" kind="primary" onClick={again}>
        {texts.again}
      </Button>
    </Screen>
  );
}

function Current() {
  const { state } = useApp();
  if (state.elsewhere) {
    return <Elsewhere />;
  }
  if (state.begun !== true) {
    return <Beginning failure={state.begun === false ? null : state.begun} />;
  }
  const { name } = state.route;
  if (name in closed) {
    const Closed = closed[name as keyof Closed];
    return <Closed key={name} />;
  }
  const Open = open[name as keyof Open];
  return state.session === null ? <Welcome /> : <Open key={name} session={state.session} />;
}

/** Until it is known what the browser keeps, and where that cannot be found out. */
function Beginning({ failure }: { readonly failure: Failure | null }) {
  const app = useApp();
  const step = useStep();
  if (failure === null) {
    return (
      <main id="content">
        <h1 tabIndex={-1}>{app.texts.app}</h1>
        <p>{app.texts.working}</p>
      </main>
    );
  }
  const shown = { ...step, failure: step.running ? null : failure };
  return (
    <Screen name="broken" title={app.texts.app} first>
      <FailureNotice step={shown} reopens={false} />
      <div class="actions">
        <Button does="retry" kind="primary" step={step} onClick={() => step.run(async () => app.lookAgain())}>
          {app.texts.again}
        </Button>
        {failure.code === "storage-damaged" && (
          <Button does="forget" kind="danger" step={step} onClick={() => step.run(forget)}>
            {app.texts.preferences.forget}
          </Button>
        )}
      </div>
    </Screen>
  );

  async function forget(): Promise<void> {
    await app.vault.forget();
    await app.lookAgain();
  }
}

/** The account was continued in another tab; this one can have it back. */
function Elsewhere() {
  const app = useApp();
  const step = useStep();
  const { elsewhere } = app.texts;
  const here = (): void =>
    step.run(async () => {
      await app.vault.continueHere();
      app.set({ deviceState: await app.vault.deviceState(), elsewhere: false, begun: true });
      // A code that was not confirmed is shown still.
      app.go({ name: "welcome" }, { replace: true });
    });
  return (
    <Screen name="elsewhere" title={elsewhere.title} first>
      <p>{elsewhere.text}</p>
      <FailureNotice step={step} />
      <Button does="here" kind="primary" step={step} onClick={here}>
        {elsewhere.here}
      </Button>
    </Screen>
  );
}

/** The sign: a cellar's door under a hill. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path class="hill" d="M2 26C4 12 10 5 16 5s12 7 14 21z" />
      <path class="door" d="M10 26v-8a6 6 0 0 1 12 0v8z" />
      <path class="slit" d="M16 13v13M13.2 20h.01M18.8 20h.01" />
    </svg>
  );
}
