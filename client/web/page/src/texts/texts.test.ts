import { readFileSync } from "node:fs";
import { translations } from "@zxcvbn-ts/language-en";
import { describe, expect, it } from "vitest";
import { CODES, REASONS } from "./codes.ts";
import de from "./de.json";
import en from "./en.json";
import { explain, reasonText } from "./errors.ts";
import { formats, localeOf } from "./format.ts";
import { chooseLanguage, LANGUAGES } from "./languages.ts";
import { textsOf } from "./texts.ts";
import { WEAKNESSES, weaknessText } from "./weakness.ts";

const texts = { en: textsOf(en), de: textsOf(de) };
const repository = new URL("../../../../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, repository), "utf8");
const known = CODES as readonly string[];

/** The keys of a text's places for values, in order. */
const places = (value: unknown): string[] => [...JSON.stringify(value).matchAll(/\{(\w+)\}/gu)].map((match) => match[1] ?? "").sort();

/** Texts of a language by their path; functions are called with likely arguments. */
function* leaves(value: unknown, path = ""): Generator<[string, string]> {
  if (typeof value === "string") {
    yield [path, value];
  } else if (typeof value === "function") {
    yield [path, String((value as (...given: unknown[]) => unknown)(argument(path), 12))];
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value).filter(([key]) => key !== "formats")) {
      yield* leaves(inner, `${path}.${key}`);
    }
  }
}

function argument(path: string): unknown {
  if ([".history.happened", ".history.by"].includes(path)) {
    return { kind: "save", by: "device", device: "Pixel", subject: null, detail: 3, at: 0, proven: true };
  }
  return 3;
}

describe("codes", () => {
  it("of spec/errors.md have a text each", () => {
    const codes = [...read("spec/errors.md").matchAll(/^\| `([a-z-]+)` \| \d{3} \|/gmu)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((code) => !known.includes(code ?? ""))).toEqual([]);
  });

  it("with which a pairing ends do not say that nothing was changed: the other device may have changed the list", () => {
    for (const code of ["pairing-refused", "pairing-expired", "no-pairing", "cancelled"]) {
      const { what, next } = explain(texts.en, { code, uncertain: false });
      expect(`${what} ${next}`).not.toMatch(/nothing|no device/iu);
      expect(JSON.stringify(texts.de.errors[code as "cancelled"])).not.toMatch(/nichts|kein/iu);
    }
  });

  it("of the client's errors have a text each", () => {
    const source = read("client/core/src/error.rs");
    const body = source.slice(source.indexOf("pub fn code(&self)"), source.indexOf("pub fn problem(&self)"));
    const codes = [...body.matchAll(/=> "([a-z-]+)"/gu)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(35);
    expect(codes.filter((code) => !known.includes(code ?? ""))).toEqual([]);
  });

  it("that the client's errors name elsewhere have a text each", () => {
    for (const [path, least] of [["secret_store.rs", 2], ["error/incomplete.rs", 2], ["error/newer.rs", 2]] as const) {
      const source = read(`client/core/src/${path}`);
      const body = source.slice(source.indexOf("fn code(")).split("\n    }\n")[0] ?? "";
      const codes = [...body.matchAll(/=> "([a-z-]+)"/gu)].map((match) => match[1] ?? "");
      expect(codes.length, path).toBeGreaterThanOrEqual(least);
      expect(codes.filter((code) => !known.includes(code)), path).toEqual([]);
    }
  });

  it("and reasons of the worker have a text each", () => {
    const source = read("client/web/page/src/api.ts");
    const doc = source.slice(source.indexOf("Why something failed"), source.indexOf("export interface Failure"));
    const codes = [...doc.matchAll(/`([a-z]+(?:-[a-z]+)*)`/gu)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !known.includes(code ?? ""))).toEqual([]);
    const field = source.slice(source.indexOf("and what is wrong with it: `empty`"), source.indexOf("readonly reason?: string"));
    const reasons = [...field.matchAll(/`([a-z]+(?:-[a-z]+)*)`/gu)].map((match) => match[1] ?? "");
    expect(reasons.length).toBeGreaterThan(15);
    expect(reasons.filter((reason) => !(REASONS as readonly string[]).includes(reason))).toEqual([]);
  });

  it("of the facade's own failures have a text each", () => {
    const source = read("client/web/src/failure.rs");
    const codes = [...source.matchAll(/Self::new\("([a-z-]+)"\)/gu)].map((match) => match[1] ?? "");
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => !known.includes(code))).toEqual([]);
  });
});

describe.each(Object.entries(texts))("texts in %s", (tag, texts) => {
  it("are whole sentences without gaps", () => {
    for (const [path, text] of leaves(texts)) {
      expect(text, path).not.toMatch(/undefined|NaN|\[object/u);
      if (path !== ".home.finished.nothing") {
        expect(text.trim(), path).not.toBe("");
      }
    }
  });

  it("say what happened and what to do for every code", () => {
    const errors: Record<string, readonly string[]> = texts.errors;
    for (const code of CODES) {
      expect(errors[code], code).toHaveLength(2);
      const { what, next } = explain(texts, { code, uncertain: false, field: "vault", reason: "empty" });
      expect(what, code).toMatch(/[.]$/u);
      expect(what + next, code).not.toMatch(/[{}]/u);
      expect(next, code).toMatch(/[.]$/u);
    }
  });

  it("name no code that there is not", () => {
    expect(Object.keys(texts.errors).filter((code) => !known.includes(code))).toEqual([]);
    expect(texts.tag).toBe(tag);
    expect(texts.name).toBe(LANGUAGES[tag as "en" | "de"]);
  });

  it("say how many attempts are left", () => {
    const say = (remaining: number, nextWait: number): string =>
      explain(texts, { code: "passphrase-or-account", uncertain: false, remaining, nextWait }).next;
    expect(say(1, 0)).toContain("1");
    expect(say(1, 0)).not.toBe(say(4, 0).replace("4", "1"));
    expect(say(0, 300)).toContain("5");
  });
});

describe("a failure", () => {
  it("with a code that this page does not know is a defect", () => {
    expect(explain(texts.en, { code: "of-the-future", uncertain: false }).what).toBe(texts.en.errors.defect[0]);
  });

  it("of an input says its reason, and a general one where it is unknown", () => {
    expect(explain(texts.en, { code: "input", uncertain: false, reason: "differ" }).next).toBe(texts.en.reasons.differ);
    const empty = explain(texts.en, { code: "input", uncertain: false, reason: "empty" });
    expect(empty.next, "which is said beside each field").toBe(texts.en.errors.input[1]);
    expect(reasonText(texts.en, "of-the-future")).toBe(texts.en.reasons.invalid);
  });
});

describe("a registration that waits", () => {
  it("is said with its vault, if that is another one", () => {
    const waiting = { code: "recovery-code-waiting", uncertain: false };
    for (const all of [texts.en, texts.de]) {
      expect(explain(all, waiting).what).toBe(all.errors["recovery-code-waiting"][0]);
      expect(explain(all, { ...waiting, vault: "https://other.example.org" }).what).toContain("https://other.example.org");
      expect(all.codeNotice.maybeMade("1 May", "other.example.org")).toContain("other.example.org");
    }
  });
});

describe("a weak passphrase", () => {
  it("is told why, each thing once, and nothing that no text says", () => {
    expect(weaknessText(texts.en, ["dates", "recentYears", "capitalization", "of-the-future"])).toBe(texts.en.reasons.dates);
    expect(weaknessText(texts.en, [])).toBe("");
  });

  it("has a text for each warning of the estimate", () => {
    const { warnings } = translations;
    expect(Object.keys(warnings).filter((key) => WEAKNESSES[key] === undefined)).toEqual([]);
  });
});

describe("languages", () => {
  it("have the same places for values as English, text by text", () => {
    const compare = (english: object, other: object, path: string): void => {
      for (const [key, value] of Object.entries(english)) {
        const theirs = (other as Record<string, unknown>)[key];
        const isForms = typeof value === "object" && "other" in value;
        if (typeof value === "string" || isForms) {
          expect([...new Set(places(theirs))], `${path}.${key}`).toEqual([...new Set(places(value))]);
        } else {
          compare(value as object, theirs as object, `${path}.${key}`);
        }
      }
    };
    compare(en, de, "");
  });

  it("say what an event was, and a kind that is not known as it is", () => {
    const event = { at: 0, by: "device", device: "Pixel", subject: "Tablet", detail: 2, proven: true } as const;
    expect(texts.en.history.happened({ ...event, kind: "enrolment" })).toBe("Added “\u2068Tablet\u2069” (Back up)");
    expect(texts.en.history.happened({ ...event, kind: "enrolment", subject: null, detail: 9 })).toBe("Added a device (9)");
    expect(texts.en.history.happened({ ...event, kind: "login" })).toBe("Logged in after 2 failed attempts");
    expect(texts.en.history.happened({ ...event, kind: "login", detail: 0 })).toBe("Logged in");
    expect(texts.en.history.happened({ ...event, kind: "of-the-future" })).toBe("of-the-future");
    expect(texts.en.history.happened({ ...event, kind: "constructor" })).toBe("constructor");
    expect(texts.de.history.by({ ...event, kind: "login" })).toBe("ohne Passphrase, auf „\u2068Pixel\u2069“");
    const recovery = { ...event, kind: "recovery", by: "recovery-code" } as const;
    expect(texts.en.history.by(recovery), "not once more").toBe("“\u2068Pixel\u2069”");
    expect(texts.en.history.by({ ...recovery, device: null })).toBe("");
  });

  it("isolate each label that they hold", () => {
    const label = "\u05e9\u05dc\u05d5\u05dd";
    const { add, entry, devices, pair } = texts.en;
    const said = [add.replaceTitle(label), entry.removeAsk(label), devices.revokeAsk(label), devices.revoked(label), devices.permitted(label), pair.calls(label), pair.replaces(label), pair.done(label)];
    for (const text of said) expect(text).toContain(`\u2068${label}\u2069`);
  });

  it("say when passphrases from before have died", () => {
    const died = { code: "passphrase-or-account", uncertain: false, remaining: 3, passphrasesSince: 1_700_000_000 };
    expect(explain(texts.en, died).next).toContain("2023");
    expect(explain(texts.en, { code: "foreign-server-key", uncertain: false, passphrasesSince: 1_700_000_000 }).what).toContain("2023");
    expect(explain(texts.en, { code: "foreign-server-key", uncertain: false }).what).not.toContain("operator");
    expect(explain(texts.en, { code: "rollback", uncertain: false, seen: 7, offered: 5 }).what).toMatch(/5.*7/u);
  });

  it("are chosen by the person, then by the browser", () => {
    expect(chooseLanguage("de", ["en"])).toBe("de");
    expect(chooseLanguage(null, ["fr-FR", "de-AT", "en"])).toBe("de");
    expect(chooseLanguage(null, ["fr"])).toBe("en");
    expect(chooseLanguage("xx", [])).toBe("en");
  });

  it("say a time that is none as the number that it is: the vault and other devices name times", () => {
    const { date, day } = formats("en");
    expect(day(8.64e12)).toContain("275760");
    for (const at of [8.64e12 + 1, Number.MAX_SAFE_INTEGER, 2 ** 64, Number.NaN]) {
      expect(date(at)).toBe(String(at));
      expect(day(at)).toBe(String(at));
    }
  });

  it("write dates and numbers as in the region of the user, if it is one of the language", () => {
    expect(localeOf("en", ["de-AT", "en-GB", "en-US"])).toBe("en-GB");
    expect(localeOf("de", ["en-GB"])).toBe("de");
    expect(localeOf("en", ["en-US@posix"])).toBe("en");
    const noon = Date.UTC(2026, 10, 30, 12) / 1000;
    expect(textsOf(en, ["en-GB"]).formats.day(noon)).toBe("30 Nov 2026");
    expect(textsOf(en, ["en-US"]).formats.day(noon)).toBe("Nov 30, 2026");
    expect(textsOf(de, ["de-CH"]).formats.count(1200, { one: "", other: "{n}" })).not.toBe("1.200");
    expect(textsOf(de, ["en-GB"]).formats.count(1200, { one: "", other: "{n}" })).toBe("1.200");
  });

  it("use the plural forms that they have", () => {
    const forms = { one: "{n} one", few: "{n} few", many: "{n} many", other: "{n} other" };
    expect(formats("en").count(1, forms)).toBe("1 one");
    expect(formats("en").count(1200, forms)).toBe("1,200 other");
    expect(formats("cs").count(3, forms)).toBe("3 few");
    expect(formats("de").wait(3600)).toBe("60 Minuten");
  });
});
