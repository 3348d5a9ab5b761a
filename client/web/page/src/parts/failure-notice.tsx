/** What went wrong and what to do next, said at once; with what opens the account again where it was closed. */

import { endsSession } from "../app/failure.ts";
import { explain } from "../texts/errors.ts";
import { useTexts, type Step } from "./context.ts";
import { Countdown } from "./countdown.tsx";
import { Reopen } from "./reopen.tsx";

/** Codes whose own texts say that it may have been done. */
const SAYS_SO = /unconfirmed$|^outcome-unknown$|^(contended|read-back|saved-locally)$/u;

interface Props {
  readonly step: Step;
  readonly reopens?: boolean;
  /** What comes next needs the passphrase. */
  readonly passphraseOnly?: boolean;
  /** The older backup that comes next, if it is not the one that was open. */
  readonly backup?: number | null;
}

export function FailureNotice({ step, reopens = true, ...opens }: Props) {
  const texts = useTexts();
  const { failure } = step;
  if (failure === null) {
    return <div role="alert" />;
  }
  const { what, next } = explain(texts, failure);
  const wait = failure.retryAfter ?? failure.nextWait ?? 0;
  return (
    <>
      <div role="alert" class="notice bad" data-failure={failure.code}>
        <p>
          <strong>{what}</strong>
        </p>
        <p>{next}</p>
        {failure.uncertain && !SAYS_SO.test(failure.code) && <p>{texts.uncertain}</p>}
      </div>
      {wait > 0 && <Countdown key={String(wait)} seconds={wait} />}
      {reopens && endsSession(failure) && <Reopen onOpen={() => step.fail(null)} {...opens} />}
    </>
  );
}
