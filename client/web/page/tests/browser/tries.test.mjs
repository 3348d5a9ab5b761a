/** Wrong passphrases: the tries that are left, the wait, and the way around it that is the owner's alone. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { LABEL, PASSPHRASE, PHRASE, Person, WRONG } from "./harness/person.mjs";
import { folder } from "./harness/programs.mjs";
import { Vault } from "./harness/vault.mjs";
import { Wire } from "./harness/wire.mjs";

test("tries run out, and the recovery code still opens", async (t) => {
  const home = await folder(t);
  const vault = await Vault.start(t, home);
  const wire = await Wire.open(t, vault.port);
  const owner = await Person.with(t, join(home, "owner"), wire);
  const code = await owner.registers();
  await owner.saves(LABEL, PHRASE);
  await owner.locks();

  const stranger = await Person.with(t, join(home, "stranger"), wire);
  await stranger.fillsLogin({ passphrase: WRONG });
  for (let tries = 0; tries < 5; tries += 1) {
    await stranger.types("passphrase", WRONG);
    await stranger.does("submit");
    await stranger.page.locator('[data-do="submit"][aria-disabled="true"]').waitFor();
    await stranger.page.locator('[data-do="submit"][aria-disabled="false"]').waitFor();
    await stranger.fails("passphrase-or-account");
  }
  await stranger.page.locator("[data-countdown]").waitFor();
  await stranger.types("passphrase", PASSPHRASE);
  await stranger.does("submit");
  await stranger.page.locator('[data-failure="budget-spent"]').waitFor();
  const wait = Number(await stranger.page.locator("[data-countdown]").getAttribute("data-countdown"));
  assert.ok(wait > 0 && wait <= 60, `${wait} seconds`);
  stranger.codes = [code];
  await stranger.leavesNoTrace({ failures: true });

  await owner.fillsRecovery(code);
  await owner.does("submit");
  await owner.sees("account");
  assert.equal(await owner.reads(), PHRASE);
  await owner.leavesNoTrace();
});
