/** What other devices wrote: it cannot steer the page, nothing in it is overlooked, and it is kept exactly. */

import assert from "node:assert/strict";
import { Computer } from "./harness/cli.mjs";
import { ACCOUNT, LABEL, LONG_PHRASE, PASSPHRASE, PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { evaluates } from "./harness/within.mjs";
import { World } from "./harness/world.mjs";

const NAME = "Sav\u202eings";
const SHOWN = "Sav\ufffdings";
const BIP39_PASSPHRASE = "Spring\u200brain";

test("what cannot be seen is marked, and an entry that is replaced keeps its exact label", async (t) => {
  const world = await World.of(t);
  const computer = new Computer(world.home, world.wire.origin);
  await computer.register(ACCOUNT, PASSPHRASE);
  const passphrase = await computer.paper(BIP39_PASSPHRASE);
  await computer.add(NAME, PHRASE, PASSPHRASE, ["--bip39-passphrase-file", passphrase]);
  const person = await world.person();
  const { page } = person;
  person.drawn.push(BIP39_PASSPHRASE);
  await person.logsIn();
  assert.deepEqual(await person.labels(), [SHOWN]);
  await person.does("entry");
  await person.sees("entry");
  await person.does("show");
  const secret = page.locator("[data-passphrase]");
  await secret.waitFor();
  assert.equal(await secret.locator("mark").getAttribute("data-character"), "U+200B");
  const selected = await evaluates("a selection", secret, (element) => {
    getSelection().selectAllChildren(element);
    return getSelection().toString();
  });
  assert.equal(selected, BIP39_PASSPHRASE);
  await page.locator("[data-shown] [data-unseen]").waitFor();

  await person.does("back");
  await person.does("entry");
  await person.does("replace");
  await person.sees("add");
  assert.equal(await page.locator('[name="label"]').inputValue(), SHOWN);
  await person.entersWords(LONG_PHRASE);
  await person.does("submit");
  await person.sees("account");
  assert.deepEqual(await computer.restore(ACCOUNT, PASSPHRASE), { [NAME]: LONG_PHRASE });
  await person.leavesNoTrace();
});

test("after a recovery the page says what the next login by passphrase needs", async (t) => {
  const world = await World.of(t);
  const owner = await world.person();
  const code = await owner.registers();
  const noted = (person) => person.text('[data-part="noted-account"] dd');
  await owner.saves(LABEL, PHRASE);
  assert.deepEqual(await noted(owner), []);
  const person = await world.person("another");
  person.codes.push(code);
  await person.recovers(code);
  assert.deepEqual(await noted(person), [ACCOUNT, world.wire.origin]);
  await person.does("set-passphrase");
  await person.page.locator('[data-part="name-required"]', { hasText: ACCOUNT }).waitFor();
  await person.leavesNoTrace();
});
