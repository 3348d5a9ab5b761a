/** Asks what the words are that were pasted beyond a phrase or a code, or again. Nothing of a paste is dropped before. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isOneLine } from "../logic/one-line.ts";
import type { Choice, Extra } from "../logic/words.ts";
import { Button } from "./button.tsx";
import { useTexts } from "./context.ts";
import { Exact } from "./exact.tsx";

interface ExtraProps {
  readonly extra: Extra;
  /** How many words the phrase or code has. */
  readonly count: number;
  /** A passphrase is typed already, which this would replace. */
  readonly replacesPassphrase: boolean;
  readonly onPassphrase: (() => void) | undefined;
  readonly onLeaveOut: () => void;
  readonly onCancel: () => void;
}

export function ExtraWords({ extra, count, replacesPassphrase, onPassphrase, onLeaveOut, onCancel }: ExtraProps) {
  const { words: texts } = useTexts();
  const isLine = isOneLine(extra.rest);
  return (
    <Question title={texts.extraTitle} part="extra-words" of={extra}>
      <p>{texts.extra(extra.found, count)}</p>
      <p>
        {texts.extraRest}{" "}
        <bdi class="secret">
          <Exact secret={extra.rest} />
        </bdi>
      </p>
      {onPassphrase !== undefined && !isLine && <p>{texts.extraLines}</p>}
      {onPassphrase !== undefined && isLine && replacesPassphrase && <p>{texts.extraReplaces}</p>}
      <div class="actions">
        {onPassphrase !== undefined && isLine && (
          <Button does="extra-passphrase" kind="primary" onClick={onPassphrase}>
            {replacesPassphrase ? texts.extraReplace : texts.extraPassphrase}
          </Button>
        )}
        <Button does="extra-leave-out" onClick={onLeaveOut}>
          {texts.extraLeaveOut(count)}
        </Button>
        <Button does="extra-cancel" kind="quiet" onClick={onCancel}>
          {texts.extraCancel}
        </Button>
      </div>
    </Question>
  );
}

interface ChoiceProps {
  readonly choice: Choice;
  readonly onContinue: () => void;
  readonly onReplace: () => void;
  readonly onCancel: () => void;
}

/** Words were pasted where a whole phrase may be already: they are its second part, or another phrase. */
export function PastedAgain({ choice, onContinue, onReplace, onCancel }: ChoiceProps) {
  const { words: texts } = useTexts();
  return (
    <Question title={texts.againTitle} part="pasted-again" of={choice}>
      <p>{texts.pastedAgain(choice.found, choice.before)}</p>
      <div class="actions">
        <Button does="paste-continue" kind="primary" onClick={onContinue}>
          {texts.pasteContinue(choice.before + 1)}
        </Button>
        <Button does="paste-replace" onClick={onReplace}>
          {texts.pasteReplace}
        </Button>
        <Button does="extra-cancel" kind="quiet" onClick={onCancel}>
          {texts.extraCancel}
        </Button>
      </div>
    </Question>
  );
}

interface QuestionProps {
  readonly title: string;
  readonly part: string;
  /** What is asked about: the question takes the focus when it changes. */
  readonly of: object;
  readonly children: ComponentChildren;
}

function Question({ title, part, of, children }: QuestionProps) {
  const question = useRef<HTMLDivElement>(null);
  useEffect(() => question.current?.focus(), [of]);
  return (
    <div ref={question} class="notice warn" role="group" aria-label={title} tabIndex={-1} data-part={part}>
      {children}
    </div>
  );
}
