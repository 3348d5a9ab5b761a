/** The command line on a computer: reads what the page saved, and saves what the page reads. */

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { CLI } from "./programs.mjs";
import { TIMEOUT } from "./within.mjs";

const run = promisify(execFile);

export class Computer {
  constructor(folder, vault) {
    this.folder = folder;
    this.vault = vault;
  }

  /** A file that holds this text, readable by its owner. */
  async paper(text) {
    const path = join(this.folder, `paper-${randomBytes(4).toString("hex")}`);
    await writeFile(path, `${text}\n`, { mode: 0o600 });
    return path;
  }

  async run(...command) {
    const env = { PATH: process.env.PATH, ROOTCELLAR_HOME: join(this.folder, "home"), ROOTCELLAR_VAULT: this.vault };
    const { stdout } = await run(CLI, command, { env, timeout: TIMEOUT });
    return stdout;
  }

  async register(account, passphrase) {
    const code = join(this.folder, "recovery-code");
    const secret = await this.paper(passphrase);
    const named = ["--account", account, "--device-label", "Computer"];
    await this.run("register", ...named, "--passphrase-file", secret, "--recovery-code-output", code);
    return (await readFile(code, "utf8")).trim();
  }

  async add(label, phrase, passphrase, more = []) {
    const from = await this.paper(phrase);
    await this.run("add", "--label", label, "--from", from, "--passphrase-file", await this.paper(passphrase), ...more);
  }

  /** The phrases of the account, by label. */
  async restore(account, passphrase) {
    const output = join(this.folder, `entries-${randomBytes(4).toString("hex")}.json`);
    const secret = await this.paper(passphrase);
    await this.run("restore", "--account", account, "--passphrase-file", secret, "--output", output);
    const { entries } = JSON.parse(await readFile(output, "utf8"));
    return Object.fromEntries(entries.map(({ label, phrase }) => [label, phrase]));
  }
}
