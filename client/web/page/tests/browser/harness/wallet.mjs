/** Wallets that embed the library through its bindings, in Kotlin and in Python; both speak as `Wallet.kt` says. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { KOTLIN, PYTHON } from "./programs.mjs";
import { TIMEOUT } from "./within.mjs";

/** The commands of those that were built, by their language. */
export const WALLETS = {
  ...(KOTLIN !== undefined && { Kotlin: ["java", `@${KOTLIN}`] }),
  ...(PYTHON !== undefined && { Python: [PYTHON, fileURLToPath(new URL("wallet.py", import.meta.url))] }),
};

/** Registers or logs in, adds phrases by their labels, and gives every phrase by its label. */
export function wallet(language, folder, vault, { account, passphrase, register = false, add = {} }) {
  const env = { PATH: process.env.PATH, FOLDER: folder, VAULT: vault };
  const [program, argument] = WALLETS[language];
  const child = spawn(program, [argument], { env, stdio: ["pipe", "pipe", "inherit"], timeout: TIMEOUT });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (said += text));
  const adds = Object.entries(add).map((entry) => entry.join("\t"));
  child.stdin.end([account, passphrase, register ? "register" : "log in", ...adds].map((line) => `${line}\n`).join(""));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const entries = said.split("\n").filter((line) => line !== "");
      code === 0
        ? resolve(Object.fromEntries(entries.map((line) => line.split("\t"))))
        : reject(new Error(`the wallet in ${language} ended with ${code ?? signal}`));
    });
  });
}
