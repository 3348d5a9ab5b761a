/** What a field of one line is given at once. */

/** What is pasted or dropped. */
export type Pasted = Pick<DataTransfer, "getData"> | null;

/** Line breaks of any system. */
const BREAK = /[\n\r\v\f\u0085\u2028\u2029]/u;

/** Whether a text is a single line, as it is. */
export function isOneLine(text: string): boolean {
  return !BREAK.test(text);
}

/** Whether there is more than one line; one line ending at the end, LF or CRLF, is none. */
export function hasSeveralLines(pasted: Pasted): boolean {
  return BREAK.test((pasted?.getData("text/plain") ?? "").replace(/\r?\n$/u, ""));
}

/** A secret in three parts: the spaces before it, the rest, and the spaces after it. */
export function edges(secret: string): [before: string, rest: string, after: string] {
  const [before = ""] = /^\s*/u.exec(secret) ?? [];
  const [after = ""] = /\s*$/u.exec(secret.slice(before.length)) ?? [];
  return [before, secret.slice(before.length, secret.length - after.length), after];
}
