/** A BIP-39 phrase: how many words, in which language, and the words. */

import { useId, useState } from "preact/hooks";
import { COUNTS, type Words } from "../logic/words.ts";
import { useApp } from "./context.ts";
import { WordGrid } from "./word-grid.tsx";

export interface TypedPhrase {
  readonly words: Words;
  readonly language: string | null;
}

/** The lists of BIP-39, and the language tags of their names. */
const LISTS: Readonly<Record<string, string>> = {
  english: "en",
  "simplified-chinese": "zh-Hans",
  "traditional-chinese": "zh-Hant",
  czech: "cs",
  french: "fr",
  italian: "it",
  japanese: "ja",
  korean: "ko",
  portuguese: "pt",
  spanish: "es",
};

/** The name of a list's language, in the language of the page. */
export function listName(list: string, tag: string): string {
  return new Intl.DisplayNames([tag], { type: "language" }).of(LISTS[list] ?? "und") ?? list;
}

const MOST = 24;

interface Props {
  readonly onChange: (phrase: TypedPhrase) => void;
  readonly onPassphrase: (passphrase: string) => void;
  readonly hasPassphrase: () => boolean;
}

export function PhraseInput({ onChange, onPassphrase, hasPassphrase }: Props) {
  const { vault, texts } = useApp();
  const [count, setCount] = useState(12);
  const [language, setLanguage] = useState<string | null>(null);
  const id = useId();
  return (
    <>
      <div class="pair">
        <div class="field">
          <label for={`${id}-count`}>{texts.words.number}</label>
          <select id={`${id}-count`} name="count" value={count} onChange={(event) => setCount(Number(event.currentTarget.value))}>
            {COUNTS.map((size) => (
              <option key={size} value={size}>
                {size}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for={`${id}-language`}>{texts.words.language}</label>
          <select
            id={`${id}-language`}
            name="language"
            value={language ?? ""}
            onChange={(event) => setLanguage(event.currentTarget.value || null)}
          >
            <option value="">{texts.words.detect}</option>
            {Object.keys(LISTS).map((list) => (
              <option key={list} value={list}>
                {listName(list, texts.tag)}
              </option>
            ))}
          </select>
        </div>
      </div>
      <p class="hint">{texts.words.paste}</p>
      <WordGrid
        count={count}
        most={MOST}
        language={language}
        judge={(words) => vault.checkPhrase(words, language)}
        onChange={(words) => onChange({ words, language })}
        onCount={setCount}
        onPassphrase={onPassphrase}
        hasPassphrase={hasPassphrase}
      />
    </>
  );
}
