/** One request to the vault: no cookies, no cache, no redirect, no referrer, and no longer an answer than may be read. */

/** As the library numbers them (`client/web/src/platform.rs`). */
export const ANSWERED = 0;
export const NOT_SENT = 1;
export const NO_RESPONSE = 2;
export const TOO_LONG = 3;

/** How long nothing may come, after a request was sent. */
const TIMEOUT_MS = 30_000;
/** How fast a request is sent and an answer comes at least, in bytes a millisecond: a browser does not tell how far a request is. */
const SLOWEST = 4;

export interface HostResponse {
  readonly fault: number;
  readonly status: number;
  readonly date: string | undefined;
  readonly body: Uint8Array;
}

export interface Request {
  readonly method: string;
  readonly url: string;
  /** Lines of `name:value`. */
  readonly headers: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Most bytes of an answer. */
  readonly most: number;
}

/** Sends it once. Never throws: why there is no answer is an answer, too. */
export async function request(
  { method, url, headers, body, most }: Request,
  aborting: AbortController,
  fetching: typeof fetch = fetch,
): Promise<HostResponse> {
  if (!navigator.onLine && !isLoopback(url)) return none(NOT_SENT);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => aborting.abort(), milliseconds);
  };
  wait(TIMEOUT_MS + body.length / SLOWEST);
  try {
    const answer = await fetching(url, {
      method,
      headers: pairs(headers),
      ...(method === "GET" ? {} : { body }),
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: aborting.signal,
    });
    const begun = performance.now();
    // Who sends it byte by byte does not hold a step open without end.
    const left = (length: number) => TIMEOUT_MS + length / SLOWEST - (performance.now() - begun);
    wait(TIMEOUT_MS);
    const bytes = await read(answer, most, (length) => wait(Math.min(TIMEOUT_MS, left(length))));
    if (!bytes) {
      aborting.abort();
      return none(TOO_LONG);
    }
    const date = answer.headers.get("date") ?? undefined;
    return { fault: ANSWERED, status: answer.status, date, body: bytes };
  } catch {
    // A browser does not tell pages why: the request may have arrived.
    return none(NO_RESPONSE);
  } finally {
    clearTimeout(timer);
  }
}

/** The body, or `undefined` where it is longer than it may be. */
async function read(answer: Response, most: number, more: (length: number) => void): Promise<Uint8Array | undefined> {
  if (!answer.body) return new Uint8Array();
  const reader = answer.body.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    more(length);
    if (length > most) return undefined;
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `navigator.onLine` says nothing of this machine. */
function isLoopback(url: string): boolean {
  const host = new URL(url).hostname;
  return host === "localhost" || host.startsWith("127.") || host === "[::1]";
}

function pairs(lines: string): [string, string][] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1)];
    });
}

function none(fault: number): HostResponse {
  return { fault, status: 0, date: undefined, body: new Uint8Array() };
}
