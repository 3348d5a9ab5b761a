/** What may be in no log, on no wire, in no file: and how to look for it. */

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** As bytes, in every form in which a program may let it slip. */
export function forms({ texts = [], phrases = [], hex = [] }) {
  const found = [];
  for (const text of texts) {
    found.push(Buffer.from(text), Buffer.from(text, "utf16le"), Buffer.from(encodeURIComponent(text)));
    found.push(Buffer.from(Buffer.from(text).toString("base64url")));
  }
  // Three words side by side: one stands in random bytes by chance, and two in the page's own texts.
  for (const phrase of phrases) {
    const words = phrase.split(/\s+/);
    const runs = words.slice(2).map((_, at) => words.slice(at, at + 3).join(" "));
    for (const run of runs) {
      found.push(Buffer.from(run), Buffer.from(run, "utf16le"), Buffer.from(encodeURIComponent(run)));
    }
  }
  for (const digits of hex) {
    found.push(Buffer.from(digits), Buffer.from(digits, "hex"));
  }
  return found;
}

/** None of the secrets is in these bytes. */
export function assertNone(bytes, secrets, where) {
  const leaked = secrets.filter((secret) => bytes.includes(secret));
  assert.deepEqual(leaked.map(String), [], `${where} holds secrets`);
}

/** None of the secrets is in any file below a folder. */
export async function assertNoneInFiles(folder, secrets) {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      assertNone(await readFile(path), secrets, path);
    }
  }
}
