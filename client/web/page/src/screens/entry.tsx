/** One entry. Its secret is shown only when a person asks, for a minute, and while the page is in front. */

import { useEffect, useState } from "preact/hooks";
import type { Item, OpenedEntry, SessionView } from "../api.ts";
import { asFailure } from "../app/failure.ts";
import { clipboard } from "../logic/clipboard.ts";
import { edges } from "../logic/one-line.ts";
import { textOf } from "../logic/secret.ts";
import { Button } from "../parts/button.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { Exact } from "../parts/exact.tsx";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { listName } from "../parts/phrase-input.tsx";
import { Reopen } from "../parts/reopen.tsx";
import { useSaving } from "../parts/saving.ts";
import { Screen } from "../parts/screen.tsx";
import type { Texts } from "../texts/texts.ts";

/** How long a secret is shown, in milliseconds. */
const SHOWN = 60_000;

/** What is shown of an opened entry. */
interface Shown {
  readonly entry: OpenedEntry;
  readonly secret: string;
  readonly bip39Passphrase: string | null;
}

export function Entry({ session }: { readonly session: SessionView }) {
  const app = useApp();
  const { entry: texts, kinds, formats } = app.texts;
  const item = session.items.find(({ id }) => id === app.state.route.id);
  useEffect(() => {
    if (item === undefined) {
      app.go({ name: "account" }, { replace: true });
    }
  }, [item]);
  if (item === undefined) {
    return null;
  }
  return (
    <Screen name="entry" title={item.label} told={kinds[item.kind]}>
      <dl>
        <dt>{texts.kind}</dt>
        <dd>{kinds[item.kind]}</dd>
        {item.fingerprint !== null && (
          <>
            <dt>{texts.fingerprint}</dt>
            <dd class="mono">{item.fingerprint}</dd>
          </>
        )}
        <dt>{texts.added}</dt>
        <dd>{formats.date(item.createdAt)}</dd>
        {item.changedAt !== item.createdAt && (
          <>
            <dt>{texts.changed}</dt>
            <dd>{formats.date(item.changedAt)}</dd>
          </>
        )}
      </dl>
      <Secrets item={item} session={session} />
      {session.permission !== "view" && session.backup?.older !== true && <Change item={item} />}
    </Screen>
  );
}

function Secrets({ item, session }: { readonly item: Item; readonly session: SessionView }) {
  const app = useApp();
  const step = useStep();
  const { entry: texts } = app.texts;
  const [shown, setShown] = useState<Shown | null>(null);
  const mayRead = session.permission === "restore" || session.permission === "manage";
  useHiding(shown !== null, () => setShown(null));

  const show = (): void => step.run(async () => setShown(await open()));

  /** Nothing where nobody looks any more. */
  async function open(): Promise<Shown | null> {
    const entry = await app.vault.openEntry(item.id).catch(async (error: unknown) => {
      if (asFailure(error).code !== "restore-not-asked" || session.by !== "device") {
        throw error;
      }
      // The vault writes down that this browser restores; the person has asked for it.
      app.set({ session: await app.vault.open(true, {}) });
      return app.vault.openEntry(item.id);
    });
    if (document.hidden) {
      entry.secret.fill(0);
      entry.bip39Passphrase?.fill(0);
      return null;
    }
    const bip39Passphrase = entry.bip39Passphrase === null ? null : textOf(entry.bip39Passphrase);
    return { entry, secret: textOf(entry.secret), bip39Passphrase };
  }

  if (!mayRead) {
    return (
      <>
        <p class="notice warn">{texts.needs}</p>
        <Reopen restore onOpen={() => step.fail(null)} />
      </>
    );
  }
  return (
    <section class="panel" data-part="secret">
      {shown === null ? (
        <>
          <p>{texts.hidden}</p>
          {session.by === "device" && <p class="hint">{texts.askText}</p>}
          <FailureNotice step={step} />
          <Button does="show" kind="primary" step={step} onClick={show}>
            {texts.show}
          </Button>
        </>
      ) : (
        <Opened shown={shown} onHide={() => setShown(null)} />
      )}
    </section>
  );
}

/** Hides after a minute, and as soon as the page is not in front. */
function useHiding(isShown: boolean, hide: () => void): void {
  useEffect(() => {
    if (!isShown) {
      return undefined;
    }
    const timer = setTimeout(hide, SHOWN);
    const left = (): void => {
      if (document.hidden) {
        hide();
      }
    };
    document.addEventListener("visibilitychange", left);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", left);
    };
  }, [isShown]);
}

function Opened({ shown, onHide }: { readonly shown: Shown; readonly onHide: () => void }) {
  const app = useApp();
  const step = useStep();
  const [isCopied, setCopied] = useState(false);
  const { entry: texts } = app.texts;
  const { entry, secret, bip39Passphrase } = shown;
  const { derivationPaths, network, birthday } = entry.details;
  // The words of a phrase have none.
  const spaces = spacesText(texts, bip39Passphrase ?? (entry.kind === "text" ? secret : ""));
  const rows: [string, string][] = [];
  if (entry.language !== null && entry.language !== "english") {
    rows.push([texts.language, listName(entry.language, app.texts.tag)]);
  }
  rows.push(...derivationPaths.map((path): [string, string] => [texts.paths, path]));
  if (network !== null) {
    rows.push([texts.network, network]);
  }
  if (birthday !== null) {
    rows.push([texts.birthday, birthday]);
  }
  const copy = (): void =>
    step.run(async () => {
      await clipboard.copy(secret).catch(() => {
        throw { code: "clipboard", uncertain: false };
      });
      setCopied(true);
    });
  return (
    <div class="appear" data-shown>
      {entry.kind === "bip39" ? (
        <ol class="code" dir="ltr" data-secret>
          {secret.split(/[\s\u3000]+/u).map((word, place) => (
            <li key={place}>{word}</li>
          ))}
        </ol>
      ) : (
        <p class="secret" dir="auto" data-secret>
          <Exact secret={secret} unseen={entry.unseen} />
        </p>
      )}
      {bip39Passphrase !== null && (
        <dl>
          <dt>{texts.bip39Passphrase}</dt>
          <dd class="secret" dir="auto" data-passphrase>
            <Exact secret={bip39Passphrase} unseen={entry.unseen} />
          </dd>
        </dl>
      )}
      {rows.length > 0 && (
        <dl>
          {rows.map(([name, value], place) => (
            <div key={place}>
              <dt>{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {spaces !== "" && <p class="notice warn">{spaces}</p>}
      {entry.unseen.length > 0 && (
        <p class="notice warn" data-unseen>
          {texts.unseen}
        </p>
      )}
      <p class="hint">{texts.hideIn}</p>
      <p role="status">{isCopied && app.texts.copied}</p>
      <FailureNotice step={step} />
      <div class="actions">
        <Button does="hide" kind="primary" onClick={onHide}>
          {app.texts.hide}
        </Button>
        <Button does="copy" step={step} onClick={copy}>
          {app.texts.copy}
        </Button>
      </div>
    </div>
  );
}

/** How many spaces are highlighted; nothing where there are none. Line breaks at an end are seen. */
function spacesText({ spaces }: Texts["entry"], secret: string): string {
  const [before, , after] = edges(secret);
  const [start, end] = [before, after].map((edge) => edge.replaceAll("\n", "").length);
  return start || end ? spaces(start ?? 0, end ?? 0) : "";
}

function Change({ item }: { readonly item: Item }) {
  const app = useApp();
  const step = useStep();
  const [asking, setAsking] = useState(false);
  const { entry: texts } = app.texts;

  const saving = useSaving(remove);

  function remove(): void {
    step.run(async () => {
      const saved = await saving.save(async () => ({ add: [], remove: [item.id] }));
      await app.lookAgain();
      app.go({ name: "account" }, { replace: true, notice: saved === null ? "" : texts.removed(saved.number) });
    });
  }
  if (!asking && !saving.isKept) {
    return (
      <div class="actions">
        <Button does="replace" onClick={() => app.go({ name: "add", id: item.id })}>
          {texts.replace}
        </Button>
        <Button does="remove" kind="danger" onClick={() => setAsking(true)}>
          {texts.remove}
        </Button>
      </div>
    );
  }
  return (
    <section class="panel danger" data-part="ask">
      <p role="alert">{texts.removeAsk(item.label)}</p>
      <FailureNotice step={step} />
      <div class="actions">
        <Button does="confirm-remove" kind="danger" step={step} onClick={remove}>
          {saving.isKept ? app.texts.again : texts.remove}
        </Button>
        {!saving.isKept && (
          <Button does="cancel" onClick={() => setAsking(false)}>
            {app.texts.cancel}
          </Button>
        )}
      </div>
    </section>
  );
}
