/**
 * The browser's tables of Unicode, lent to the library (`client/core/src/text/unicode.rs`). Which edition they are of does no harm:
 * what is taken is of the library's edition, and of those characters no newer table changes a form. An older table may not know them yet;
 * and a browser may have several tables, of which one is newer: what its expressions know, its strings must know, too.
 */

/** The runs of characters that the library takes (`build/assigned.mjs`). */
declare const __ASSIGNED__: string;

const FORMS = ["NFD", "NFKC", "NFKD", "NFKD"] as const;
/** Of the forms, those that look at each character by itself: the case of a sigma must not depend on where it stands. */
const LOWER = 3;
const FOLDED = 4;

export function inForm(form: number, text: string): string {
  if (form === FOLDED) return Array.from(text, folded).join("");
  const cased = form === LOWER ? Array.from(text, (character) => character.toLowerCase()).join("") : text;
  return cased.normalize(FORMS[form]);
}

let end = 0;
const runs = __ASSIGNED__.split(",").map((step, at) => `${at % 2 ? "-" : ""}\\u{${(end += parseInt(step, 36)).toString(16)}}`);
const UNKNOWN = new RegExp(`[^${runs.join("")}]|\\p{Cn}`, "u");
/** A mark of the library's edition that goes behind the one below, and a letter with a mark. */
const NEWEST = "\u0897\u0323\u{105c9}";
/** What strings may not know the forms of while expressions do: what came after Unicode 14, and behind the first plane all but emoji. */
const YOUNG = /(?!\p{Emoji_Presentation})[\u0897\u0ece\u{10000}-\u{10ffff}]/u;

/** Whether each character is assigned in the library's edition of Unicode, and the browser knows its forms. */
export function areAssigned(text: string): boolean {
  if (UNKNOWN.test(text)) return false;
  const isOlder = !/\p{Cn}/u.test(NEWEST) && NEWEST.normalize("NFD") !== "\u0323\u0897\u{105d2}\u0307";
  if (isOlder && YOUNG.test(text)) return false;
  const cased = text.match(/\p{Changes_When_Casefolded}/gu) ?? [];
  return cased.every((character) => folded(character) !== character);
}

/**
 * Full case folding (`CaseFolding.txt`, C and F), which browsers do not have: the lower case of the upper case, but for a letter
 * of Turkish, a capital of German, and Cherokee, which folds to its capitals.
 */
function folded(character: string): string {
  if (character === "\u0131") return character;
  if (character === "\u1e9e") return "ss";
  const upper = character.toUpperCase();
  if (/^[\u13a0-\u13fd\uab70-\uabbf]$/.test(character)) return upper;
  return Array.from(upper, (one) => one.toLowerCase()).join("");
}
