/**
 * The browser's tables of Unicode, lent to the library (`client/core/src/text/unicode.rs`). Which edition a browser has does no
 * harm: the forms and foldings of an assigned character never change, and what an edition does not know it calls unassigned. A
 * browser may have several tables, of which one is newer: what its expressions know to fold, its strings must know how.
 */

const FORMS = ["NFD", "NFKC", "NFKD", "NFKD"] as const;
/** Of the forms, those that look at each character by itself: the case of a sigma must not depend on where it stands. */
const LOWER = 3;
const FOLDED = 4;

export function inForm(form: number, text: string): string {
  if (form === FOLDED) return Array.from(text, folded).join("");
  const cased = form === LOWER ? Array.from(text, (character) => character.toLowerCase()).join("") : text;
  return cased.normalize(FORMS[form]);
}

/** Whether each character is assigned, and for more than private use. */
export function areAssigned(text: string): boolean {
  const cased = text.match(/\p{Changes_When_Casefolded}/gu) ?? [];
  return !/[\p{Cn}\p{Co}]/u.test(text) && cased.every((character) => folded(character) !== character);
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
