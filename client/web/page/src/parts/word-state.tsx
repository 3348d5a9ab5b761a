/** What is to be said about words that are typed: which are wrong and what may have been meant, or that they fit. */

import type { PhraseCheck, WrongWord } from "../api.ts";
import type { Words } from "../logic/words.ts";
import type { Texts } from "../texts/texts.ts";
import { useTexts } from "./context.ts";

interface Props {
  readonly id: string;
  readonly words: Words;
  readonly check: PhraseCheck | null;
  readonly wrong: readonly WrongWord[];
  readonly onPick: (place: number, word: string) => void;
}

export function WordState({ id, words, check, wrong, onPick }: Props) {
  const texts = useTexts();
  const said = check === null ? null : saidOf(texts, check, words);
  return (
    <div aria-live="polite" class="word-state" data-words={check?.state}>
      {wrong.map(({ position, nearest }) => (
        <p key={position} id={`${id}-wrong-${position}`} class="wrong">
          {texts.words.wrongAt(position)}
          {nearest.length > 0 && `. ${texts.words.meant} `}
          {nearest.map((word) => (
            <button key={word} type="button" class="button quiet" onClick={() => onPick(position - 1, word)}>
              {word}
            </button>
          ))}
        </p>
      ))}
      {said !== null && wrong.length === 0 && <p class={check?.state === "good" ? "right" : said.isWrong ? "wrong" : "hint"}>{said.text}</p>}
    </div>
  );
}

function saidOf(texts: Texts, check: PhraseCheck, words: Words): { text: string; isWrong: boolean } | null {
  const { words: said } = texts;
  switch (check.state) {
    case "good":
      return { text: said.good, isWrong: false };
    case "checksum":
    case "ambiguous":
    case "is-recovery-code":
    case "is-phrase":
      return { text: texts.reasons[check.state], isWrong: true };
    case "word-count":
      return { text: said.count(check.count), isWrong: true };
    case "incomplete": {
      const missing = words.filter((word) => word === "").length;
      return missing === 0 ? null : { text: said.missing(missing), isWrong: false };
    }
    case "wrong-word":
      return null;
  }
}
