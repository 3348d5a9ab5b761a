/** Waits that end: Playwright and Node put no time limit on these, and a test that hangs is to say where. */

/** In milliseconds; a step with Argon2id takes a few seconds on a machine with other things to do. */
export const TIMEOUT = 60_000;

/** What the promise gives, unless it takes too long; `what` says what was waited for. */
export async function within(what, promise, timeout = TIMEOUT) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${timeout / 1000} s in vain: ${what}`)), timeout);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a function gives that runs in a page, in a worker, or on an element. */
export function evaluates(what, where, run, argument) {
  return within(what, where.evaluate(run, argument));
}
