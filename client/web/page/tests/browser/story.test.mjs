/** The whole story, against a vault on the embedded store and one on real S3. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Computer } from "./harness/cli.mjs";
import { ACCOUNT, LABEL, LONG_PHRASE, PASSPHRASE, PHRASE } from "./harness/person.mjs";
import { S3 } from "./harness/programs.mjs";
import { test } from "./harness/test.mjs";
import { WALLETS, wallet } from "./harness/wallet.mjs";
import { World } from "./harness/world.mjs";

for (const s3 of [false, true]) {
  const where = s3 ? "S3" : "the embedded store";
  const left = s3 && S3 === undefined ? "no S3 server" : false;

  test(`what was backed up comes back on another phone, from a vault on ${where}`, { skip: left }, async (t) => {
    const world = await World.of(t, { s3 });

    const first = await world.person("first");
    const code = await first.registers();
    await first.saves(LABEL, PHRASE, { typed: true });
    await first.saves("Savings", LONG_PHRASE, { typed: true });
    assert.deepEqual((await first.labels()).toSorted(), [LABEL, "Savings"]);
    assert.equal(await first.reads("Savings"), LONG_PHRASE);
    await first.leavesNoTrace();
    await first.phone.lose();

    const second = await world.person("second");
    second.codes = [code];
    await second.logsInAtTheSecondTry();
    assert.equal(await second.reads(), PHRASE);
    assert.equal(await second.reads("Savings"), LONG_PHRASE);
    assert.deepEqual(await second.text("[data-backup]"), ["Number 2"]);
    await second.leavesNoTrace({ failures: true });
    await second.phone.lose();

    const third = await world.person("third");
    await third.recovers(code, { typed: true });
    third.codes = [code];
    assert.equal(await third.reads(), PHRASE);
    await third.does("set-passphrase");
    await third.sees("passphrase");
    const drawn = await third.takesOffered();
    await third.does("submit");
    await third.sees("login");
    // The code does not tell the name, which this browser has not seen.
    await third.types("username", ACCOUNT);
    await third.types("passphrase", drawn);
    await third.does("submit");
    await third.sees("account");
    assert.equal(await third.reads("Savings"), LONG_PHRASE);
    await third.leavesNoTrace();
  });
}

test("the page opens what the command line saved, and the other way round", async (t) => {
  const world = await World.of(t);
  const { home, wire } = world;
  const computer = new Computer(home, wire.origin);
  await computer.register(ACCOUNT, PASSPHRASE);
  await computer.add(LABEL, PHRASE, PASSPHRASE);

  const person = await world.person();
  await person.logsIn();
  assert.equal(await person.reads(), PHRASE);
  await person.saves("Of the phone", LONG_PHRASE);

  assert.deepEqual(await computer.restore(ACCOUNT, PASSPHRASE), { [LABEL]: PHRASE, "Of the phone": LONG_PHRASE });
  await computer.add("Later", LONG_PHRASE, PASSPHRASE);
  await person.does("refresh");
  await person.page.locator('[data-do="entry"]', { hasText: "Later" }).waitFor();
  assert.equal(await person.reads("Later"), LONG_PHRASE);
  await person.leavesNoTrace();
});

for (const language of ["Kotlin", "Python"]) {
  const skip = language in WALLETS ? false : "the bindings were not built";

  test(`the page opens what a wallet in ${language} saved, and the other way round`, { skip }, async (t) => {
    const world = await World.of(t);
    const { home, wire } = world;
    const known = { account: ACCOUNT, passphrase: PASSPHRASE };
    const first = join(home, "wallet");
    await wallet(language, first, wire.origin, { ...known, register: true, add: { [LABEL]: PHRASE } });

    const person = await world.person();
    await person.logsIn();
    assert.equal(await person.reads(), PHRASE);
    await person.saves("Of the phone", LONG_PHRASE);
    const both = { [LABEL]: PHRASE, "Of the phone": LONG_PHRASE };
    assert.deepEqual(await wallet(language, join(home, "new wallet"), wire.origin, known), both);
    await wallet(language, first, wire.origin, { ...known, add: { Later: LONG_PHRASE } });
    await person.does("refresh");
    await person.page.locator('[data-do="entry"]', { hasText: "Later" }).waitFor();
    assert.equal(await person.reads("Later"), LONG_PHRASE);
    await person.leavesNoTrace();
  });
}
