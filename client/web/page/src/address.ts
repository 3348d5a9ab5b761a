/** The address of a vault, as a person types it or a page's host configures it. */
import { wrongInput } from "./failure.ts";

/** The origin, in its normal form. Without a scheme it is taken for `https`. */
export function originOf(text: string): string {
  const typed = text.trim();
  if (typed === "") throw wrongInput("vault", "empty");
  const url = parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`);
  if (!url || url.hostname === "") throw wrongInput("vault", "not-a-url");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw wrongInput("vault", "scheme");
  if (url.username !== "" || url.password !== "") throw wrongInput("vault", "credentials");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") throw wrongInput("vault", "path");
  return url.origin;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
