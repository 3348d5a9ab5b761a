/**
 * What a restore in the page costs, for `cargo xtask bench`: a new phone opens the page, logs in and shows the words of an entry;
 * before it and after it the library as a native program stretches once. A turn gives, in milliseconds: `native`
 * (the mean of the two), `page` (its one stretching), `opened` (from the navigation to the first screen) and `words` (to the words
 * on the screen; nobody types faster than this person). The native program, the number of turns and perhaps `--json` are the arguments.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Computer } from "./harness/cli.mjs";
import { Ends } from "./harness/ends.mjs";
import { ACCOUNT, LABEL, LONG_PHRASE, PASSPHRASE, Person } from "./harness/person.mjs";
import { Phone } from "./harness/phone.mjs";
import { folder } from "./harness/programs.mjs";
import { Vault } from "./harness/vault.mjs";
import { evaluates } from "./harness/within.mjs";

const run = promisify(execFile);
const [native, turns, json] = process.argv.slice(2);

/** Runs in the page before its own script: notes what its worker says about the stretching. */
function listen() {
  const { Worker } = globalThis;
  globalThis.stretchings = [];
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data: { progress } }) => {
        if (progress?.kind === "key-derivation") {
          globalThis.stretchings.push(performance.now());
        }
      });
    }
  };
}

/** Milliseconds since the navigation. */
function now(page) {
  return evaluates("the time", page, () => performance.now());
}

/** The native program stretches once. */
async function stretch() {
  return Number((await run(native)).stdout);
}

/** A new phone restores; gives what took how long. */
async function restore(home, origin) {
  const ends = new Ends();
  try {
    const person = new Person();
    person.wire = { origin };
    person.phone = await Phone.on(ends, join(home, "phone"), [origin]);
    const page = (person.page = person.phone.page);
    await page.addInitScript(listen);
    await page.goto(origin);
    await page.locator("[data-screen]").waitFor();
    const opened = await now(page);
    await person.logsIn();
    await page.locator('[data-do="entry"]', { hasText: LABEL }).click();
    await person.does("show");
    await page.locator("[data-secret] li").last().waitFor();
    const words = await now(page);
    assert.equal((await person.text("[data-secret] li")).join(" "), LONG_PHRASE);
    const moments = await evaluates("the stretchings", page, () => globalThis.stretchings);
    assert.equal(moments.length, 2, "a restore stretches once");
    return { page: moments[1] - moments[0], opened, words };
  } finally {
    await ends.come();
  }
}

/** The middle of several measurements, the least and the most. */
function spread(measured) {
  const sorted = measured.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], most: sorted.at(-1) };
}

/** Prints what all turns gave. By turns in one run, so that a ratio is right although a second is not. */
function report(measured) {
  const over = (figure) => spread(measured.map(figure));
  const figures = {
    native: over((turn) => turn.native),
    page: over((turn) => turn.page),
    ratio: over((turn) => turn.page / turn.native),
    opened: over((turn) => turn.opened),
    words: over((turn) => turn.words),
    share: over((turn) => turn.page / turn.words),
  };
  // What else runs on the machine makes a stretching slower, and none faster.
  const fastest = figures.page.least / figures.native.least;
  if (json === "--json") {
    console.log(JSON.stringify({ turns: measured.length, fastest, ...figures }));
    return;
  }
  const shown = ({ median, least, most }, digits) =>
    `${median.toFixed(digits).padStart(6)}  (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
  console.log(`a restore in the page, ${measured.length} times: the median (the least to the most)`);
  console.log(`  Argon2id, native             ${shown(figures.native, 0)} ms`);
  console.log(`  Argon2id, page               ${shown(figures.page, 0)} ms`);
  console.log(`  page against native          ${shown(figures.ratio, 2)}, the fastest of each ${fastest.toFixed(2)}`);
  console.log(`  page opened, first screen    ${shown(figures.opened, 0)} ms`);
  console.log(`  page opened, words restored  ${shown(figures.words, 0)} ms`);
  console.log(`  of which Argon2id            ${(figures.share.median * 100).toFixed(0)} %`);
}

const measured = [];
const ends = new Ends();
try {
  const home = await folder(ends);
  const vault = await Vault.start(ends, home);
  const origin = `http://localhost:${vault.port}`;
  const computer = new Computer(home, origin);
  await computer.register(ACCOUNT, PASSPHRASE);
  await computer.add(LABEL, LONG_PHRASE, PASSPHRASE);
  for (let turn = 0; turn < Number(turns); turn += 1) {
    const restored = new Ends();
    try {
      const before = await stretch();
      const took = await restore(await folder(restored), origin);
      measured.push({ native: (before + (await stretch())) / 2, ...took });
    } finally {
      await restored.come();
    }
  }
} finally {
  await ends.come();
}
report(measured);
