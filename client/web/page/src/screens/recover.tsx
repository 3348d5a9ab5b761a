/** The recovery code: twelve words, then the entries; a new passphrase is offered next. */

import { useRef } from "preact/hooks";
import { asFailure, InputFailure } from "../app/failure.ts";
import { secretOf } from "../logic/secret.ts";
import { CODE_WORDS, isComplete, type Words } from "../logic/words.ts";
import { Button } from "../parts/button.tsx";
import { CodeNoticePart } from "../parts/code-notice.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { OpeningForm } from "../parts/opening.tsx";
import { Screen } from "../parts/screen.tsx";
import { WordGrid } from "../parts/word-grid.tsx";

export function Recover() {
  const app = useApp();
  const step = useStep();
  const words = useRef<Words>([]);
  const { recover } = app.texts;
  const { code: recorded } = app.state.deviceState;
  const isRefused = step.failure?.code === "recovery-refused";

  async function open(opening: Parameters<typeof app.vault.recover>[0]): Promise<void> {
    try {
      app.opened(await app.vault.recover(opening), recover.done);
    } catch (error) {
      if (asFailure(error).code === "recovery-refused") {
        // What is recorded here of a code may be why.
        await app.lookAgain();
      }
      throw error;
    }
  }

  return (
    <Screen name="recover" title={recover.title}>
      <OpeningForm
        name="recover"
        step={step}
        onSubmit={async (_, opening) => {
          if (!isComplete(words.current)) {
            throw new InputFailure(`word-${words.current.indexOf("") + 1}`, "words-missing");
          }
          await open({ ...opening, code: secretOf(words.current.join(" ")) });
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
        {isRefused && recorded !== null && <CodeNoticePart notice={recorded} />}
      </OpeningForm>
    </Screen>
  );
}
