/** The vault's address as people type it, and what this browser may be called. */

import { InputFailure } from "../app/failure.ts";

/** The origin that was typed, `https://` where no scheme was; fails with the field `vault`. */
export function vaultOrigin(text: string): string {
  const typed = text.trim();
  if (typed === "") {
    throw new InputFailure("vault", "empty");
  }
  const url = parse(/^[a-z][a-z0-9+.-]*:\/\//iu.test(typed) ? typed : `https://${typed}`);
  if (url === null || url.hostname === "") {
    throw new InputFailure("vault", "not-a-url");
  }
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal)) {
    throw new InputFailure("vault", "insecure");
  }
  if (url.username !== "" || url.password !== "") {
    throw new InputFailure("vault", "credentials");
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw new InputFailure("vault", "path");
  }
  return url.origin;
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** A first idea of what to call this browser in the account, from what it says of itself. */
export function deviceGuess(agent: string): string {
  const browser = [
    [/Edg\//u, "Edge"],
    [/Firefox\//u, "Firefox"],
    [/Chrome\//u, "Chrome"],
    [/Safari\//u, "Safari"],
  ] as const;
  const system = [
    [/Android/u, "Android"],
    [/iPhone|iPad/u, "iOS"],
    [/Windows/u, "Windows"],
    [/Mac OS/u, "macOS"],
    [/Linux/u, "Linux"],
  ] as const;
  const find = (list: readonly (readonly [RegExp, string])[]): string | undefined =>
    list.find(([pattern]) => pattern.test(agent))?.[1];
  return [find(browser) ?? "Browser", find(system)].filter((part) => part !== undefined).join(", ");
}
