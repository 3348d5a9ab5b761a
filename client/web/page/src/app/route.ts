/** Which screen is shown, and how the browser's back button finds its way. No secret is in an address or its state. */

/** Each is the `data-screen` of its root; those of `OPEN` need an open account. */
export const CLOSED = ["welcome", "register", "login", "recover", "pair-new", "settings", "about", "forget"] as const;
export const OPEN = [
  "account",
  "add",
  "entry",
  "backups",
  "devices",
  "enrol",
  "pair-meet",
  "history",
  "passphrase",
  "recovery-code",
  "rekey",
  "delete",
] as const;

export type ScreenName = (typeof CLOSED)[number] | (typeof OPEN)[number];

export interface Route {
  readonly name: ScreenName;
  /** The entry that is meant, with `entry` and with `add` where it replaces one. */
  readonly id?: string;
  /** With `login`: the number of an older backup. */
  readonly backup?: number;
  /** With `login`: entries are to be opened. */
  readonly restore?: boolean;
}

/** Whether the screen shows an open account. */
export function needsSession(name: ScreenName): boolean {
  return (OPEN as readonly string[]).includes(name);
}

/** The route of a history entry, where it may be shown now; else the one to start from. */
export function allowed(state: unknown, hasSession: boolean): Route {
  const start: Route = { name: hasSession ? "account" : "welcome" };
  const route = readRoute(state);
  if (route === null || (needsSession(route.name) && !hasSession)) {
    return start;
  }
  // Behind an open account lie the screens that opened it.
  return hasSession && ["welcome", "register", "login", "recover", "pair-new"].includes(route.name) ? start : route;
}

function readRoute(state: unknown): Route | null {
  if (typeof state !== "object" || state === null || !("name" in state)) {
    return null;
  }
  const name = (state as { name: unknown }).name;
  const known = [...CLOSED, ...OPEN].find((screen) => screen === name);
  return known === undefined ? null : { ...(state as Route), name: known };
}
