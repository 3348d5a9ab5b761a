/** The languages of the page. */

import { de } from "./de.ts";
import { en, type Texts } from "./en.ts";

export const LANGUAGES = { en, de } satisfies Record<string, Texts>;

export type LanguageTag = keyof typeof LANGUAGES;

/** The person's choice, else the first of the browser's languages that there is, else English. */
export function chooseLanguage(chosen: string | null, wanted: readonly string[]): LanguageTag {
  const tags = Object.keys(LANGUAGES) as LanguageTag[];
  for (const tag of [chosen ?? "", ...wanted]) {
    const found = tags.find((known) => known === tag.toLowerCase().split("-")[0]);
    if (found !== undefined) {
      return found;
    }
  }
  return "en";
}
