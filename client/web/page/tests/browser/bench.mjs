/**
 * What a restore in the page costs, for `cargo xtask bench`: a new phone opens the page, logs in and shows the words of an entry;
 * before it and after it the library as a native program stretches once. Prints one line of JSON a turn, in milliseconds: `native`
 * (the mean of the two), `page` (its one stretching), `opened` (from the navigation to the first screen) and `words` (to the words
 * on the screen; nobody types faster than this person).
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

const run = promisify(execFile);
const [native, turns] = process.argv.slice(2);

/** Runs in the page before its own script: notes what its worker says about the stretching. */
function listen() {
  const { Worker } = globalThis;
  globalThis.stretchings = [];
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data: { progress } }) => {
        if (progress?.kind === "stretching") {
          globalThis.stretchings.push(performance.now());
        }
      });
    }
  };
}

/** Milliseconds since the navigation. */
function now(page) {
  return page.evaluate(() => performance.now());
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
    const moments = await page.evaluate(() => globalThis.stretchings);
    assert.equal(moments.length, 2, "a restore stretches once");
    return { page: moments[1] - moments[0], opened, words };
  } finally {
    await ends.come();
  }
}

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
      console.log(JSON.stringify({ native: (before + (await stretch())) / 2, ...took }));
    } finally {
      await restored.come();
    }
  }
} finally {
  await ends.come();
}
