/**
 * The languages of the page. Each is one file of data, so that a user loads only their own. English defines
 * the shape, and `tsc` finds what another language lacks.
 */

import type de from "./de.json";
import type en from "./en.json";
import type { Code, Reason } from "./codes.ts";

/** The texts of a language, as its file holds them. */
export type RawTexts = typeof en;

/** Fails to compile if a language, or a code, lacks a text. */
export type Complete = [
  Check<typeof de, RawTexts>,
  Check<RawTexts["errors"], Record<Code, readonly string[]>>,
  Check<RawTexts["reasons"], Record<Reason, string>>,
];
type Check<Given extends Wanted, Wanted> = Given;

/** Each language's name in itself. */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;

export type LanguageTag = keyof typeof LANGUAGES;

/** The user's choice, else the first of the browser's languages that the page has, else English. */
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
