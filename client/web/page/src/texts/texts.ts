/** The texts of a language as the screens use them: what needs a value is a function. */

import type { HistoryEvent, Permission } from "../api.ts";
import { fill, formats, localeOf } from "./format.ts";
import type { RawTexts } from "./languages.ts";

export type Texts = ReturnType<typeof textsOf>;

/** `wanted`: the languages that the user reads, as the browser says. Dates and numbers are written as in their region. */
export function textsOf(raw: RawTexts, wanted: readonly string[] = []) {
  const f = formats(localeOf(raw.tag, wanted));
  const { welcome, home, words, add, entry, devices, pair } = raw;
  return {
    ...raw,
    formats: f,
    history: { ...raw.history, ...historyOf(raw, f.count), failed: (n: number) => (n === 0 ? raw.history.failedNone : f.count(n, raw.history.failed)) },
    retryIn: (seconds: number) => fill(raw.retryIn, { wait: f.wait(seconds) }),
    welcome: {
      ...welcome,
      knownText: (vault: string) => fill(welcome.knownText, { vault }),
      openText: (permission: string) => fill(welcome.openText, { permission }),
    },
    codeNotice: {
      ...raw.codeNotice,
      made: (day: string) => fill(raw.codeNotice.made, { day }),
      maybeMade: (day: string, vault: string) => fill(raw.codeNotice.maybeMade, { day, vault }),
      notMade: (day: string) => fill(raw.codeNotice.notMade, { day }),
      active: (day: string) => fill(raw.codeNotice.active, { day }),
      waiting: (day: string) => fill(raw.codeNotice.waiting, { day }),
      unconfirmed: (day: string) => fill(raw.codeNotice.unconfirmed, { day }),
      refused: (day: string) => fill(raw.codeNotice.refused, { day }),
      superseded: (day: string) => fill(raw.codeNotice.superseded, { day }),
      discardAsk: (day: string) => fill(raw.codeNotice.discardAsk, { day }),
      discardFirstAsk: (day: string) => fill(raw.codeNotice.discardFirstAsk, { day }),
    },
    rekey: { ...raw.rekey, continues: (n: number) => fill(raw.rekey.continues, { n }) },
    code: { ...raw.code, word: (place: number) => fill(raw.code.word, { place }) },
    words: {
      ...words,
      word: (place: number, count: number) => fill(words.word, { place, count }),
      wrongAt: (place: number) => fill(words.wrongAt, { place }),
      missing: (n: number) => f.count(n, words.missing),
      count: (n: number) => f.count(n, words.count),
      extra: (found: number, count: number) => fill(words.extra, { found, count }),
      extraLeaveOut: (count: number) => fill(words.extraLeaveOut, { count }),
      pastedAgain: (found: number, before: number) => fill(words.pastedAgain, { found, before }),
      pasteContinue: (place: number) => fill(words.pasteContinue, { place }),
      suggestions: (n: number) => (n === 0 ? words.noSuggestion : f.count(n, words.suggestions)),
    },
    home: {
      ...home,
      numberOf: (n: number) => fill(home.numberOf, { n }),
      older: (n: number) => fill(home.older, { n }),
      continue: (n: number) => fill(home.continue, { n }),
      entries: (n: number) => f.count(n, home.entries),
      fingerprint: (hex: string) => fill(home.fingerprint, { hex }),
      failed: (n: number) => f.count(n, home.failed),
    },
    add: {
      ...add,
      replaceTitle: (label: string) => fillLabel(add.replaceTitle, label),
      saved: (n: number) => fill(add.saved, { n }),
      merged: (n: number) => fill(add.merged, { n }),
    },
    entry: {
      ...entry,
      removeAsk: (label: string) => fillLabel(entry.removeAsk, label),
      removed: (n: number) => fill(entry.removed, { n }),
      spaces: (start: number, end: number) => fill(entry.spaces, { start, end }),
    },
    change: { ...raw.change, nameNoted: (name: string) => fillLabel(raw.change.nameNoted, name) },
    backups: { ...raw.backups, open: (n: number) => fill(raw.backups.open, { n }) },
    devices: {
      ...devices,
      enrolled: (day: string) => fill(devices.enrolled, { day }),
      seen: (day: string) => fill(devices.seen, { day }),
      revokeAsk: (label: string) => fillLabel(devices.revokeAsk, label),
      revoked: (label: string) => fillLabel(devices.revoked, label),
      permitted: (label: string) => fillLabel(devices.permitted, label),
    },
    pair: {
      ...pair,
      paired: (permission: string) => fill(pair.paired, { permission }),
      calls: (label: string) => fillLabel(pair.calls, label),
      replaces: (label: string) => fillLabel(pair.replaces, label),
      done: (label: string) => fillLabel(pair.done, label),
    },
    delete: { ...raw.delete, type: (word: string) => fill(raw.delete.type, { word }) },
    about: { ...raw.about, version: (version: string) => fill(raw.about.version, { version }) },
  };
}

/** A label in a sentence, isolated: one in Arabic or Hebrew does not reorder the words around it. The library has removed isolates. */
function fillLabel(text: string, label: string): string {
  return fill(text, { label: `\u2068${label}\u2069` });
}

/** What the events of an account say. A kind that this page does not know is shown as it is. */
function historyOf({ history, permissions }: RawTexts, count: ReturnType<typeof formats>["count"]) {
  const kinds: Readonly<Record<string, string>> = history.events;
  const order: readonly Permission[] = ["view", "backup", "restore", "manage"];
  const named = (label: string | null): string => (label === null ? history.device : fillLabel(history.named, label));
  return {
    happened({ kind, subject, detail }: HistoryEvent): string {
      const permission = order[detail - 1];
      const may = permission === undefined ? String(detail) : permissions[permission].name;
      const attempts = detail === 0 ? "" : count(detail, history.attempts);
      return fill((Object.hasOwn(kinds, kind) && kinds[kind]) || kind, { n: detail, subject: named(subject), may, attempts });
    },
    by({ kind, by, device }: HistoryEvent): string {
      // What happened says it.
      if (kind === "recovery" && by === "recovery-code") return device === null ? "" : named(device);
      const how = history.by[by];
      return device === null ? how : fill(history.on, { by: how, device: named(device) });
    },
  };
}
