/** A wallet that embeds the library through its bindings, here in Python. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PYTHON } from "./programs.mjs";

const PROGRAM = fileURLToPath(new URL("wallet.py", import.meta.url));

/** Registers or logs in, adds entries, and gives every phrase by its label. */
export function wallet(folder, vault, { account, passphrase, register = false, add = {} }) {
  const env = { PATH: process.env.PATH, FOLDER: folder, VAULT: vault };
  const child = spawn(PYTHON, [PROGRAM], { env, stdio: ["pipe", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (bytes) => (said += bytes));
  child.stdin.end(JSON.stringify({ account, passphrase, register, add }));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve(JSON.parse(said)) : reject(new Error(`the wallet ended with ${code}`))));
  });
}
