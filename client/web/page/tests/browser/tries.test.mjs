/** Wrong passphrases: the tries that are left, the wait, and the way around it that is the owner's alone. */

import assert from "node:assert/strict";
import { LABEL, PASSPHRASE, PHRASE, WRONG } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { World } from "./harness/world.mjs";

test("tries run out, and the recovery code still opens", async (t) => {
  const world = await World.of(t);
  const owner = await world.person("owner");
  const code = await owner.registers();
  await owner.saves(LABEL, PHRASE);
  await owner.locks();

  const stranger = await world.person("stranger");
  await stranger.fillsLogin({ passphrase: WRONG });
  // The registration took one of the five.
  for (let tries = 0; tries < 4; tries += 1) {
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

  await owner.recovers(code);
  assert.equal(await owner.reads(), PHRASE);
  await owner.leavesNoTrace();
});
