/** The recovery code: twelve words, then the entries; a new passphrase is offered next. */

import { useRef } from "preact/hooks";
import { InputFailure } from "../app/failure.ts";
import { secretOf } from "../logic/secret.ts";
import { CODE_WORDS, isComplete, type Words } from "../logic/words.ts";
import { Button } from "../parts/button.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { OpeningForm } from "../parts/opening.tsx";
import { Screen } from "../parts/screen.tsx";
import { WordGrid } from "../parts/word-grid.tsx";

export function Recover() {
  const app = useApp();
  const step = useStep();
  const words = useRef<Words>([]);
  const { recover } = app.texts;
  return (
    <Screen name="recover" title={recover.title}>
      <OpeningForm
        name="recover"
        step={step}
        onSubmit={async (_, opening) => {
          if (!isComplete(words.current)) {
            throw new InputFailure(`word-${words.current.indexOf("") + 1}`, "words-missing");
          }
          const code = secretOf(words.current.join(" "));
          app.opened(await app.vault.recover({ ...opening, code }), recover.done);
        }}
        actions={
          <Button does="submit" kind="primary" submit step={step}>
            {recover.do}
          </Button>
        }
      >
        <p>{recover.text}</p>
        <p class="hint">{recover.paste}</p>
        <WordGrid
          count={CODE_WORDS}
          most={CODE_WORDS}
          language="english"
          judge={(code) => app.vault.checkRecoveryCode(code)}
          onChange={(typed) => {
            words.current = typed;
          }}
        />
      </OpeningForm>
    </Screen>
  );
}
