/** Asks what the words are that were pasted beyond a phrase or a code. Nothing of a paste is dropped before. */

import { useEffect, useRef } from "preact/hooks";
import type { Extra } from "../logic/words.ts";
import { Button } from "./button.tsx";
import { useTexts } from "./context.ts";

interface Props {
  readonly extra: Extra;
  /** How many words the phrase or code has. */
  readonly count: number;
  readonly onPassphrase: (() => void) | undefined;
  readonly onLeaveOut: () => void;
  readonly onCancel: () => void;
}

export function ExtraWords({ extra, count, onPassphrase, onLeaveOut, onCancel }: Props) {
  const { words: texts } = useTexts();
  const part = useRef<HTMLDivElement>(null);
  useEffect(() => part.current?.focus(), [extra]);
  return (
    <div ref={part} class="notice warn" role="group" aria-label={texts.extraTitle} tabIndex={-1} data-part="extra-words">
      <p>{texts.extra(extra.found, count)}</p>
      <p>
        {texts.extraRest} <bdi class="secret-text">{extra.rest}</bdi>
      </p>
      <div class="actions">
        {onPassphrase !== undefined && (
          <Button does="extra-passphrase" kind="primary" onClick={onPassphrase}>
            {texts.extraPassphrase}
          </Button>
        )}
        <Button does="extra-leave-out" onClick={onLeaveOut}>
          {texts.extraLeaveOut(count)}
        </Button>
        <Button does="extra-cancel" kind="quiet" onClick={onCancel}>
          {texts.extraCancel}
        </Button>
      </div>
    </div>
  );
}
