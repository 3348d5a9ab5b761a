/** A new entry, or one in the place of another: a phrase word by word, a raw seed, or any text. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { NewEntry, SessionView } from "../api.ts";
import { InputFailure } from "../app/failure.ts";
import { details, hexSeed, refusedPhrase } from "../logic/entry-input.ts";
import { secretOf } from "../logic/secret.ts";
import { isComplete } from "../logic/words.ts";
import { Button } from "../parts/button.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { Choices, Field, Form, type Typed } from "../parts/form.tsx";
import { PhraseInput, type TypedPhrase } from "../parts/phrase-input.tsx";
import { useSaving } from "../parts/saving.ts";
import { Screen } from "../parts/screen.tsx";

export function Add({ session }: { readonly session: SessionView }) {
  const app = useApp();
  const step = useStep();
  const { add, kinds } = app.texts;
  const [kind, setKind] = useState<NewEntry["kind"]>("bip39");
  const phrase = useRef<TypedPhrase>({ words: [], language: null });
  const dirty = useRef(false);
  const [unusual, setUnusual] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  const saving = useSaving(() => form.current?.closest("form")?.requestSubmit());
  // What is kept here is there still when a person comes back.
  dirty.current &&= !saving.isKept;
  useLeaving(dirty, add.leave);
  const replaced = session.items.find((item) => item.id === app.state.route.id);

  async function entry(typed: Typed): Promise<NewEntry> {
    // What is shown of a label may not be all of it: one that was not edited is taken as it is shown, which stands for the whole.
    const label = typed.text("label") === replaced?.label ? replaced.label : typed.needed("label").trim();
    // An earlier save may have been finished since this was drawn.
    const { items } = app.state.session ?? session;
    if (items.some((item) => item.label === label && item.id !== replaced?.id)) {
      throw new InputFailure("label", "label-used");
    }
    const more = details(typed);
    if (kind !== "bip39") {
      const secret = kind === "seed" ? hexSeed(typed.needed("seed")) : secretOf(typed.needed("text"));
      return { label, kind, secret, language: null, bip39Passphrase: null, details: more };
    }
    const { words, language } = phrase.current;
    if (!isComplete(words)) {
      throw new InputFailure(`word-${words.indexOf("") + 1}`, "words-missing");
    }
    const text = words.join(" ");
    const check = await app.vault.checkPhrase(secretOf(text), language);
    if (check.state !== "good") {
      throw refusedPhrase(check);
    }
    const extra = typed.text("bip39-passphrase");
    const bip39Passphrase = extra === "" ? null : secretOf(extra);
    return { label, kind, secret: secretOf(text), language: check.language, bip39Passphrase, details: more };
  }

  /** Says what is easily overlooked. The worker answers in order. */
  function judgePassphrase(text: string): void {
    app.vault.isOddPassphrase(secretOf(text)).then(setUnusual, () => undefined);
  }

  const passphraseField = () => form.current?.querySelector<HTMLInputElement>('[name="bip39-passphrase"]');

  /** Puts what was pasted after the words into its field, which is unfolded, as if it had been typed there. */
  function fillPassphrase(passphrase: string): void {
    const field = passphraseField();
    if (field !== null && field !== undefined) {
      field.value = passphrase;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.closest("details")?.setAttribute("open", "");
      field.focus();
    }
  }

  function takePhrase(typed: TypedPhrase): void {
    // Words that are pasted or picked are no input event.
    dirty.current ||= typed.words !== phrase.current.words && typed.words.some((word) => word !== "");
    phrase.current = typed;
  }

  return (
    <Screen name="add" title={replaced === undefined ? add.title : add.replaceTitle(replaced.label)} told={add.title}>
      <Form
        name="add"
        step={step}
        onSubmit={async (typed) => {
          const remove = replaced === undefined ? [] : [replaced.id];
          const saved = await saving.save(async () => ({ add: [await entry(typed)], remove }));
          dirty.current = false;
          await app.lookAgain();
          const notice = saved === null ? "" : saved.merged ? add.merged(saved.number) : add.saved(saved.number);
          app.go({ name: "account" }, { replace: true, notice });
        }}
        actions={
          <Button does="submit" kind="primary" submit step={step}>
            {saving.isKept ? app.texts.again : add.do}
          </Button>
        }
      >
        {/* What is kept is sent as it was: nothing of it is corrected here. */}
        <div ref={form} inert={saving.isKept} onInput={() => (dirty.current = true)}>
          <Choices
            name="kind"
            label={add.kind}
            value={kind}
            onChange={setKind}
            options={(["bip39", "seed", "text"] as const).map((value) => ({ value, label: kinds[value] }))}
          />
          <Field name="label" label={add.label} hint={add.labelHint} initial={replaced?.label ?? ""} />
          {kind === "bip39" && (
            <PhraseInput
              onChange={takePhrase}
              onPassphrase={fillPassphrase}
              hasPassphrase={() => (passphraseField()?.value ?? "") !== ""}
            />
          )}
          {kind === "seed" && <Field name="seed" type="password" label={add.seed} hint={add.seedHint} />}
          {kind === "text" && <Field name="text" type="textarea" label={add.text} />}
          <details>
            <summary>{add.more}</summary>
            {kind === "bip39" && (
              <Field
                name="bip39-passphrase"
                type="password"
                label={add.bip39Passphrase}
                warning={unusual ? app.texts.reasons.unusual : undefined}
                onInput={judgePassphrase}
                optional
              />
            )}
            <Field name="paths" type="textarea" label={add.paths} optional />
            <Field name="network" label={add.network} optional />
            <Field name="birthday" label={add.birthday} hint={add.birthdayHint} optional />
          </details>
        </div>
      </Form>
    </Screen>
  );
}

/** Says once that what was typed is not saved; going back a second time leaves it. */
function useLeaving(dirty: { current: boolean }, text: string): void {
  const app = useApp();
  useEffect(() => {
    let warned = false;
    app.mayLeave = () => {
      if (!dirty.current || warned) {
        return true;
      }
      warned = true;
      app.warn(text);
      return false;
    };
    const warn = (event: BeforeUnloadEvent): void => {
      if (dirty.current) {
        event.preventDefault();
      }
    };
    addEventListener("beforeunload", warn);
    return () => {
      app.mayLeave = null;
      removeEventListener("beforeunload", warn);
    };
  }, []);
}
