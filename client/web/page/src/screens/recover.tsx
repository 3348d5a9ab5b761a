/** The recovery code: twelve words, then the entries; a new passphrase is offered next. */

import { useRef, useState } from "preact/hooks";
import type { Acceptance } from "../api.ts";
import { acceptable, InputFailure } from "../app/failure.ts";
import { secretOf } from "../logic/secret.ts";
import { CODE_WORDS, isComplete, type Words } from "../logic/words.ts";
import { Accept } from "../parts/accept.tsx";
import { Button } from "../parts/button.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { Form } from "../parts/form.tsx";
import { Screen } from "../parts/screen.tsx";
import { chosenVault, DeviceField, VaultField } from "../parts/vault-field.tsx";
import { WordGrid } from "../parts/word-grid.tsx";
import { accepted, backupNumber, OlderBackup } from "./login.tsx";

export function Recover() {
  const app = useApp();
  const step = useStep();
  const words = useRef<Words>([]);
  const [accept, setAccept] = useState<Acceptance>({});
  const { recover, words: texts } = app.texts;
  const { kept } = app.state;
  return (
    <Screen name="recover" title={recover.title}>
      <Form
        name="recover"
        step={step}
        onSubmit={async (typed) => {
          const now = accepted(typed, accept);
          setAccept(now);
          const vault = kept.account ? null : chosenVault(app, typed);
          if (!isComplete(words.current)) {
            throw new InputFailure(`word-${words.current.indexOf("") + 1}`, "words-missing");
          }
          const deviceLabel = kept.account ? null : typed.needed("device");
          const backup = backupNumber(typed);
          const code = secretOf(words.current.join(" "));
          app.opened(await app.vault.recover({ vault, code, deviceLabel, backup, accept: now }), recover.done);
        }}
        consent={<Accept what={step.failure === null ? null : acceptable(step.failure)} />}
        actions={
          <Button does="submit" kind="primary" submit step={step}>
            {recover.do}
          </Button>
        }
      >
        <VaultField />
        <p>{recover.text}</p>
        <WordGrid
          count={CODE_WORDS}
          most={CODE_WORDS}
          language="english"
          judge={(code) => app.vault.checkRecoveryCode(code)}
          onChange={(typed) => {
            words.current = typed;
          }}
        />
        <p class="hint">{texts.paste}</p>
        {!kept.account && <DeviceField />}
        <OlderBackup />
      </Form>
    </Screen>
  );
}
