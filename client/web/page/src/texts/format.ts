/** Numbers, plurals and dates in a language. */

import { waitingTime } from "../logic/countdown.ts";

/** The forms of a text with a number, `{n}`: a language has those that its plurals need. */
export interface Forms {
  readonly one: string;
  readonly other: string;
  readonly zero?: string;
  readonly two?: string;
  readonly few?: string;
  readonly many?: string;
}

export type Values = Readonly<Record<string, string | number>>;

/** Puts values into the places that a text has for them. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/gu, (place, name: string) => String(values[name] ?? place));
}

export interface Formats {
  /** A time (seconds since 1970) with date and time of day; one that no calendar reaches stays a number. */
  date(at: number): string;
  /** A time to the day. */
  day(at: number): string;
  wait(seconds: number): string;
  count(n: number, forms: Forms): string;
}

/** How a language is written where the user lives, if the browser says so: `en-GB` for `en`. */
export function localeOf(language: string, wanted: readonly string[]): string {
  const local = wanted.find((tag) => tag.toLowerCase().split("-")[0] === language) ?? language;
  try {
    return Intl.getCanonicalLocales(local)[0] ?? language;
  } catch {
    return language;
  }
}

/** The last time that a `Date` can be, in seconds: what another device or the vault says may lie behind it. */
const LAST = 8.64e12;

/** The formats of a language, or of a region of it, by its tag. */
export function formats(tag: string): Formats {
  const rules = new Intl.PluralRules(tag);
  const number = new Intl.NumberFormat(tag);
  const date = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(tag, { dateStyle: "medium" });
  const told = (format: Intl.DateTimeFormat, at: number) => (Math.abs(at) <= LAST ? format.format(at * 1000) : String(at));
  return {
    date: (at) => told(date, at),
    day: (at) => told(day, at),
    wait: (seconds) => waitingTime(seconds, tag),
    count: (n, forms) => fill(forms[rules.select(n)] ?? forms.other, { n: number.format(n) }),
  };
}
