/** A real vault that serves the page, on the embedded store or on real S3. */

import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { BUCKET, PAGE, S3, SERVER } from "./programs.mjs";
import { TIMEOUT, within } from "./within.mjs";

const run = promisify(execFile);

/** Nobody waits for a minute because a test came from the same address. */
const UNLIMITED = ["--rate-per-address", "0", "--starts-per-address", "0"];

export class Vault {
  #child;

  /** Starts one with a data folder of its own; `s3` keeps it in the bucket, under a prefix of its own. */
  static async start(test, folder, { s3 = false, flags = [] } = {}) {
    const vault = new Vault();
    vault.data = join(folder, "vault");
    vault.log = "";
    const place = ["--data", vault.data];
    if (s3) {
      const prefix = `page-${randomBytes(6).toString("hex")}`;
      place.push("--s3-bucket", BUCKET, "--s3-endpoint", S3, "--s3-prefix", prefix);
      place.push("--root-secret-file", join(folder, "root-secret"));
      await mkdir(vault.data, { recursive: true, mode: 0o700 });
      await run(SERVER, [...place, "root-secret", "new"], { env: environment(), timeout: TIMEOUT });
      await run(SERVER, [...place, "store", "init"], { env: environment(), timeout: TIMEOUT });
    }
    const settings = [...place, ...UNLIMITED, "--registration", "open", "--web", PAGE, ...flags];
    vault.#child = spawn(SERVER, ["--listen", "127.0.0.1:0", ...settings], {
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    test.after(() => vault.stop());
    vault.#child.stderr.on("data", (bytes) => (vault.log += bytes));
    vault.port = await within("the vault listens", vault.#listening());
    return vault;
  }

  /** The port of the line that says that it serves. */
  #listening() {
    return new Promise((resolve, reject) => {
      let said = "";
      this.#child.stdout.on("data", (bytes) => {
        said += bytes;
        const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
        if (found !== null) {
          resolve(Number(found[1]));
        }
      });
      this.#child.once("exit", (code) => reject(new Error(`the vault ended with ${code}: ${this.log}`)));
    });
  }

  stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return Promise.resolve();
    }
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    return within("the vault ends", ended);
  }
}

/** Nothing of this machine but what S3 needs. */
function environment() {
  const names = Object.keys(process.env).filter((name) => name.startsWith("AWS_") || name === "PATH");
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}
