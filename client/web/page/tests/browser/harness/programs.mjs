/** What the tests run: programs and folders that `cargo xtask page-test` names in the environment. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

function needed(name) {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set: run these tests by cargo xtask page-test`);
  }
  return value;
}

/** The vault's server. */
export const SERVER = needed("ROOTCELLAR_TEST_SERVER");
/** The command line. */
export const CLI = needed("ROOTCELLAR_TEST_CLI");
/** The folder of the built page. */
export const PAGE = needed("ROOTCELLAR_TEST_PAGE");
export const CHROMIUM = process.env.ROOTCELLAR_TEST_CHROMIUM ?? "/usr/bin/chromium";
/** A Python that has the bindings, where they were built. */
export const PYTHON = process.env.ROOTCELLAR_TEST_PYTHON;
/** Java's arguments that run a wallet in Kotlin, where it was built. */
export const KOTLIN = process.env.ROOTCELLAR_TEST_KOTLIN;
/** Where an S3 server is, and its bucket; its keys are in the environment as every program for S3 wants them. */
export const S3 = process.env.ROOTCELLAR_TEST_S3;
export const BUCKET = "rootcellar-test";

/** A folder that goes away with the test. */
export async function folder(test) {
  const path = await mkdtemp(join(tmpdir(), "rootcellar-page-"));
  test.after(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}
