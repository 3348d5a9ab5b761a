/** A new entry, or one in the place of another: a phrase word by word, a raw seed, or any text. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { NewEntry, Saved, SessionView } from "../api.ts";
import { asFailure, InputFailure } from "../app/failure.ts";
import { details, hexSeed, refusedPhrase } from "../logic/entry-input.ts";
import { secretOf } from "../logic/secret.ts";
import { isComplete } from "../logic/words.ts";
import { Button } from "../parts/button.tsx";
import { useApp, useStep } from "../parts/context.ts";
import { Choices, Field, Form, type Typed } from "../parts/form.tsx";
import { PhraseInput, type TypedPhrase } from "../parts/phrase-input.tsx";
import { Screen } from "../parts/screen.tsx";

export function Add({ session }: { readonly session: SessionView }) {
  const app = useApp();
  const step = useStep();
  const { add, kinds } = app.texts;
  const [kind, setKind] = useState<NewEntry["kind"]>("bip39");
  const phrase = useRef<TypedPhrase>({ words: [], language: null });
  // Set once a save may have reached the vault: then it is finished, not sent a second time.
  const [begun, setBegun] = useState(false);
  const dirty = useRef(false);
  useLeaving(dirty, add.leave);
  const replaced = session.items.find((item) => item.id === app.state.route.id);

  async function entry(typed: Typed): Promise<NewEntry> {
    const label = typed.needed("label").trim();
    if (session.items.some((item) => item.label === label && item.id !== replaced?.id)) {
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

  async function save(typed: Typed): Promise<Saved | null> {
    if (begun) {
      const after = await app.vault.finishUnfinished();
      app.set({ session: after });
      setBegun(false);
      if (after.finished === "cannot-finish") {
        dirty.current = false;
        await app.lookAgain();
        app.go({ name: "account" }, { replace: true });
        return null;
      }
      if (after.finished !== "nothing") {
        return { number: after.backup?.number ?? 0, merged: after.finished === "merged" };
      }
    }
    const removed = replaced === undefined ? [] : [replaced.id];
    const added = await entry(typed);
    try {
      return await app.vault.save([added], removed);
    } catch (error) {
      const { uncertain, code } = asFailure(error);
      setBegun(uncertain || code === "unfinished-save");
      // It is kept, whether or not anybody waits for it here.
      dirty.current = !uncertain;
      await app.lookAgain();
      throw error;
    }
  }

  return (
    <Screen name="add" title={replaced === undefined ? add.title : add.replaceTitle(replaced.label)} told={add.title}>
      <Form
        name="add"
        step={step}
        onSubmit={async (typed) => {
          const saved = await save(typed);
          if (saved === null) {
            return;
          }
          dirty.current = false;
          await app.lookAgain();
          const { number, merged } = saved;
          app.go({ name: "account" }, { replace: true, notice: merged ? add.merged(number) : add.saved(number) });
        }}
        actions={
          <Button does="submit" kind="primary" submit step={step}>
            {begun ? app.texts.again : add.do}
          </Button>
        }
      >
        <div onInput={() => (dirty.current = true)}>
          <Choices
            name="kind"
            label={add.kind}
            value={kind}
            onChange={setKind}
            options={(["bip39", "seed", "text"] as const).map((value) => ({ value, label: kinds[value] }))}
          />
          <Field name="label" label={add.label} hint={add.labelHint} initial={replaced?.label ?? ""} />
          {kind === "bip39" && <PhraseInput onChange={(typed) => (phrase.current = typed)} />}
          {kind === "seed" && <Field name="seed" type="password" label={add.seed} hint={add.seedHint} />}
          {kind === "text" && <Field name="text" type="textarea" label={add.text} />}
          <details>
            <summary>{add.more}</summary>
            {kind === "bip39" && <Field name="bip39-passphrase" type="password" label={add.bip39Passphrase} optional />}
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
