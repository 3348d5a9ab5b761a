/** What the vault tells of the account: older backups, and the history. */

import type { SessionView } from "../api.ts";
import { Button } from "../parts/button.tsx";
import { useApp, useLoaded } from "../parts/context.ts";
import { FailureNotice } from "../parts/failure-notice.tsx";
import { Retry } from "../parts/retry.tsx";
import { Screen } from "../parts/screen.tsx";

export function Backups({ session }: { readonly session: SessionView }) {
  const app = useApp();
  const { value, step, reload } = useLoaded(() => app.vault.backups());
  const { backups, home, formats } = app.texts;
  const isRefused = session.refused !== null;
  return (
    <Screen name="backups" title={backups.title}>
      <p data-loaded={value !== null}>{backups.text}</p>
      {isRefused && <p class="notice warn">{backups.refusedText}</p>}
      <FailureNotice step={step} />
      <Retry step={step} isLoaded={value !== null} onClick={reload} />
      {value?.length === 0 && <p>{backups.none}</p>}
      <ul class="items">
        {value?.map(({ number, at }, place) => (
          <li key={number} class="row" data-number={number}>
            <span>
              <strong>{home.numberOf(number)}</strong>
              {place === 0 && ` (${isRefused ? backups.newestRefused : backups.newest})`}
              <span class="hint">{formats.date(at)}</span>
            </span>
            {(place > 0 || !isRefused) && (
              <Button does="open-backup" label={backups.open(number)} onClick={() => app.go({ name: "login", backup: number })}>
                {home.openEntry}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Screen>
  );
}

export function History() {
  const app = useApp();
  const { value, step, reload } = useLoaded(() => app.vault.history());
  const { history, formats } = app.texts;
  return (
    <Screen name="history" title={history.title}>
      <p data-loaded={value !== null}>{history.intro}</p>
      <FailureNotice step={step} />
      <Retry step={step} isLoaded={value !== null} onClick={reload} />
      {value !== null && (
        <>
          <p class={value.failedAttempts > 0 ? "notice warn" : "quiet"}>{history.failed(value.failedAttempts)}</p>
          {value.gap && <p class="notice warn">{history.gap}</p>}
          <ol class="items">
            {value.events.map((event, place) => (
              <li key={place} class="row" data-event={event.kind}>
                <span dir="auto">
                  <strong>{history.happened(event)}</strong>{" "}
                  <span class={event.proven ? "tag right" : "tag"}>{event.proven ? history.proven : history.told}</span>
                  <span class="hint">{[formats.date(event.at), history.by(event)].filter(Boolean).join(" · ")}</span>
                </span>
              </li>
            ))}
          </ol>
          <p class="hint">{history.legend}</p>
          <p class="hint">{history.logins}</p>
        </>
      )}
    </Screen>
  );
}
