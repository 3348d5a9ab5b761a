/** Several browsers of one person: enrolled, paired, revoked, at once. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { film } from "./harness/camera.mjs";
import { LABEL, LONG_PHRASE, PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { World } from "./harness/world.mjs";

test("a browser that is enrolled opens the account without the passphrase, and no more than it may", async (t) => {
  const world = await World.of(t);
  const first = await world.owner("first");
  await first.enrols("backup");
  await first.phone.off();

  // Another start of the browser: what it kept is enough.
  const again = await world.person("first");
  again.codes = first.codes;
  await again.does("open");
  await again.sees("account");
  await again.saves("Second", LONG_PHRASE);
  assert.deepEqual((await again.labels()).toSorted(), [LABEL, "Second"]);
  await again.page.locator('[data-do="entry"]', { hasText: LABEL }).click();
  await again.sees("entry");
  assert.equal(await again.page.locator('[data-do="show"]').count(), 0, "it may not show seeds");
  await again.leavesNoTrace();
});

test("two browsers pair, and one revokes the other", async (t) => {
  const world = await World.of(t);
  const first = await world.owner("first");
  const second = await world.person("second");
  const text = await second.offersPairing();
  assert.equal(await second.page.locator("svg.qr").count(), 1);
  await first.readsPairing(text);
  const compared = await first.digits();
  assert.match(compared, /^\d{6}$/);
  assert.equal(compared, await second.digits());
  await first.chooses("permission", "restore");
  await Promise.all([second.does("same"), first.does("same")]);
  await second.sees("account");
  await first.sees("devices");
  assert.equal(await second.reads(), PHRASE);

  const row = first.page.locator('[data-device="Paired phone"]');
  await row.locator('[data-do="revoke"]').click();
  await row.locator('[data-do="confirm-revoke"]').click();
  // A change of devices ends every session, this one too.
  await first.sees("welcome");
  assert.match((await first.text("[data-notice]")).join(), /keys/, "it held the account's keys");
  await second.does("refresh");
  await second.fails("device-revoked");
  second.codes = first.codes;
  await second.leavesNoTrace({ failures: true });
  await first.leavesNoTrace();
});

test("one browser's camera reads what another shows", async (t) => {
  const world = await World.of(t);
  const second = await world.person("second");
  await second.offersPairing();
  const camera = join(world.home, "camera.y4m");
  await film(second.page.locator("svg.qr"), camera);
  const first = await world.person("first", { camera });
  await first.registers();
  await first.does("pair-meet");
  await first.sees("pair-meet");
  await first.does("camera");
  assert.equal(await first.digits(), await second.digits());
  await Promise.all([second.does("same"), first.does("same")]);
  await second.sees("account");
  await first.sees("devices");
  second.codes = first.codes;
  await first.leavesNoTrace();
  await second.leavesNoTrace();
});

test("codes that differ end a pairing", async (t) => {
  const world = await World.of(t);
  const first = await world.owner("first");
  const second = await world.person("second");
  await first.readsPairing(await second.offersPairing());
  await first.digits();
  await second.digits();
  await first.does("differ");
  await first.page.locator("[data-notice]").waitFor();
  await second.does("differ");
  await second.page.locator("[data-notice]").waitFor();
  await first.does("back");
  await first.sees("account");
  await first.does("devices");
  await first.page.locator('[data-loaded="true"]').waitFor({ state: "attached" });
  assert.equal(await first.page.locator("[data-device]").count(), 0);
});

test("of two tabs, one has the account at a time", async (t) => {
  const first = await (await World.of(t)).owner();
  const other = await first.tab();
  await other.sees("elsewhere");
  await other.does("here");
  await other.sees("welcome");
  await first.sees("elsewhere");
  await other.logsIn({ restore: false });
  assert.equal((await first.page.content()).includes(LABEL), false, "nothing of the account is left in the first tab");
  await other.saves("From the other tab", LONG_PHRASE);
  await first.does("here");
  await first.sees("welcome");
  await other.sees("elsewhere");
  await first.logsIn({ restore: false });
  assert.deepEqual((await first.labels()).toSorted(), [LABEL, "From the other tab"]);
  await first.leavesNoTrace();
});

test("two phones that save at once both keep what they saved", async (t) => {
  const world = await World.of(t);
  const first = await world.owner("first");
  const second = await world.person("second");
  await second.logsIn();
  await first.fillsEntry("Of the first", LONG_PHRASE);
  await second.fillsEntry("Of the second", LONG_PHRASE);
  await Promise.all([first.does("submit"), second.does("submit")]);
  await Promise.all([first.sees("account"), second.sees("account")]);
  await first.does("refresh");
  await first.page.locator('[data-do="entry"]', { hasText: "Of the second" }).waitFor();
  assert.deepEqual((await first.labels()).toSorted(), [LABEL, "Of the first", "Of the second"]);
});
