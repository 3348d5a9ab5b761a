/** Words typed one by one, completed from the list, marked as soon as they are wrong. A combobox (WAI-ARIA) for each. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { PhraseCheck, Secret } from "../api.ts";
import { type Choice, emptyWords, type Entered, type Extra, type Found, pasted, picked, resized, shownWrong, typed, type Words } from "../logic/words.ts";
import { secretOf } from "../logic/secret.ts";
import { useApp } from "./context.ts";
import { ExtraWords, PastedAgain } from "./extra-words.tsx";
import { WordState } from "./word-state.tsx";

/** Most suggestions at once. */
const SUGGESTED = 4;
/** How long a pause in typing is before the words are judged, in milliseconds. */
const PAUSE = 200;

interface Props {
  readonly count: number;
  /** The most that a paste may make of them. */
  readonly most: number;
  readonly language: string | null;
  readonly judge: (words: Secret) => Promise<PhraseCheck>;
  readonly onChange: (words: Words, check: PhraseCheck | null) => void;
  readonly onCount?: (count: number) => void;
  /** Takes what was pasted after the words as the BIP-39 passphrase; left out where there can be none. */
  readonly onPassphrase?: (passphrase: string) => void;
  /** Whether there is one already. */
  readonly hasPassphrase?: () => boolean;
}

export function WordGrid({ count, most, language, judge, onChange, onCount, onPassphrase, hasPassphrase = () => false }: Props) {
  const { vault, texts } = useApp();
  const [words, setWords] = useState<Words>(() => emptyWords(count));
  const [check, setCheck] = useState<PhraseCheck | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [found, setFound] = useState<Found | null>(null);
  const [active, setActive] = useState(-1);
  const [extra, setExtra] = useState<Extra | null>(null);
  const [choice, setChoice] = useState<Choice | null>(null);
  // Keys come faster than the screen is drawn.
  const latest = useRef(words);
  const inputs = useRef<(HTMLInputElement | null)[]>([]);
  const id = useId();
  const current = at === null ? "" : (words[at] ?? "");
  const suggested = found !== null && found.for === current && current !== "" ? found.words : [];
  const open = at !== null && suggested.length > 0 && !(suggested.length === 1 && suggested[0] === current);

  useEffect(() => {
    if (words.length !== count) {
      latest.current = resized(latest.current, count);
      setWords(latest.current);
    }
  }, [count]);

  // Completes the word that is being typed.
  useEffect(() => {
    let stale = false;
    setActive(-1);
    if (current !== "") {
      vault.completeWord(current, language, SUGGESTED).then(
        (complete) => {
          if (!stale) {
            setFound({ for: current, words: complete });
          }
        },
        () => undefined,
      );
    }
    return () => {
      stale = true;
    };
  }, [current, language]);

  // Judges all of them, after a pause in typing.
  useEffect(() => {
    let stale = false;
    onChange(words, null);
    if (words.every((word) => word === "")) {
      setCheck(null);
      return undefined;
    }
    const timer = setTimeout(() => {
      judge(secretOf(words.join(" "))).then(
        (judged) => {
          if (!stale) {
            setCheck(judged);
            onChange(words, judged);
          }
        },
        () => undefined,
      );
    }, PAUSE);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [words, language]);

  const wrong = shownWrong(check, at, current, found);

  /** Fills in what was typed or pasted, or asks first. */
  function enter(entered: Entered, place: number): void {
    setExtra(entered.extra ?? null);
    setChoice(entered.choice ?? null);
    if ("words" in entered) {
      apply(entered, place);
    } else {
      // What is shown in the field is what it was.
      setWords([...latest.current]);
    }
  }

  function take(more: Extra, passphrase: boolean): void {
    setExtra(null);
    apply(more, -1);
    if (passphrase) {
      onPassphrase?.(more.rest);
    }
  }

  function pick(place: number, word: string): void {
    apply(picked(latest.current, place, word), place);
  }

  function apply(next: { words: Words; at: number }, place: number): void {
    latest.current = next.words;
    setWords(next.words);
    if (next.words.length !== count) {
      onCount?.(next.words.length);
    }
    const input = inputs.current[next.at];
    if (next.at === place) {
      return;
    }
    if (input !== null && input !== undefined) {
      input.focus();
    } else {
      // The place only comes to be with this change.
      requestAnimationFrame(() => inputs.current[next.at]?.focus());
    }
  }

  function key(event: KeyboardEvent, place: number): void {
    if (event.isComposing) {
      return;
    }
    const typedNow = latest.current[place] ?? "";
    const isFresh = typedNow === current;
    const chosen = !isFresh ? undefined : active >= 0 ? suggested[active] : suggested.length === 1 ? suggested[0] : undefined;
    const isNext = event.key === " " || (event.key === "Enter" && (open || place < words.length - 1));
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      event.preventDefault();
      setActive((active + step + suggested.length) % suggested.length);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      setFound(null);
    } else if (isNext && typedNow !== "") {
      event.preventDefault();
      pick(place, chosen ?? typedNow);
    }
  }

  return (
    <div class="words-part">
      <ol class="words">
        {words.map((word, place) => {
          const isWrong = wrong.some(({ position }) => position === place + 1);
          const isOpen = open && place === at;
          return (
            <li key={place}>
              <label>
                <span class="place" aria-hidden="true">
                  {place + 1}
                </span>
                <input
                  ref={(input) => {
                    inputs.current[place] = input;
                  }}
                  type="text"
                  name={`word-${place + 1}`}
                  value={word}
                  class={isWrong ? "is-wrong" : ""}
                  dir="auto"
                  autocomplete="off"
                  autocapitalize="off"
                  autocorrect="off"
                  spellcheck={false}
                  role="combobox"
                  aria-label={texts.words.word(place + 1, words.length)}
                  aria-autocomplete="list"
                  aria-expanded={isOpen}
                  aria-controls={`${id}-list`}
                  aria-activedescendant={isOpen && active >= 0 ? `${id}-${active}` : undefined}
                  aria-invalid={isWrong}
                  aria-describedby={isWrong ? `${id}-wrong-${place + 1}` : undefined}
                  onFocus={() => setAt(place)}
                  onBlur={() => setAt((focused) => (focused === place ? null : focused))}
                  onInput={(event) => enter(typed(latest.current, place, event.currentTarget.value, most), place)}
                  onPaste={(event) => {
                    event.preventDefault();
                    enter(pasted(latest.current, place, event.clipboardData?.getData("text") ?? "", most), place);
                  }}
                  onKeyDown={(event) => key(event, place)}
                />
              </label>
              {isOpen && (
                <ul id={`${id}-list`} role="listbox" aria-label={texts.words.suggestions(suggested.length)} class="suggested">
                  {suggested.map((word, index) => (
                    <li
                      key={word}
                      id={`${id}-${index}`}
                      role="option"
                      aria-selected={index === active}
                      // The field keeps the focus.
                      onPointerDown={(event) => event.preventDefault()}
                      onClick={() => pick(place, word)}
                    >
                      {word}
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ol>
      <p class="unseen" role="status">
        {at !== null && current !== "" && found?.for === current ? texts.words.suggestions(suggested.length) : ""}
      </p>
      {extra !== null && (
        <ExtraWords
          extra={extra}
          count={extra.words.filter((word) => word !== "").length}
          replacesPassphrase={hasPassphrase()}
          onPassphrase={onPassphrase === undefined ? undefined : () => take(extra, true)}
          onLeaveOut={() => take(extra, false)}
          onCancel={() => setExtra(null)}
        />
      )}
      {choice !== null && (
        <PastedAgain
          choice={choice}
          onContinue={() => enter(choice.continued, -1)}
          onReplace={() => enter(choice.replaced, -1)}
          onCancel={() => setChoice(null)}
        />
      )}
      <WordState id={id} words={words} check={check} wrong={wrong} onPick={pick} />
    </div>
  );
}
