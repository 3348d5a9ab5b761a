/** Tests that end: one that hangs fails by its name, and the others of its file run. */

import { after, test as plain } from "node:test";

/** In milliseconds; the slowest takes two minutes where CI runs. `cargo xtask page-test` has a longer one for each file. */
const TIMEOUT = 300_000;
/** In milliseconds: for what a test that hung leaves behind, such as a browser, to come to its end by itself. */
const GRACE = 10_000;

/** As Node's, with a time limit. */
export function test(name, ...rest) {
  const [options, body] = rest.length === 1 ? [{}, ...rest] : rest;
  plain(name, { timeout: TIMEOUT, ...options }, body);
}

// With the process go the browsers that it started.
after(() => {
  setTimeout(() => process.exit(), GRACE).unref();
});
