/** A stolen device has saved a newest backup that nobody can open: its owner is told so, and is held up in nothing. */

import assert from "node:assert/strict";
import { refuses } from "./harness/broken.mjs";
import { looksAt } from "./harness/looks.mjs";
import { ACCOUNT, LABEL, LONG_PHRASE, PASSPHRASE, PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { Thief } from "./harness/thief.mjs";
import { World } from "./harness/world.mjs";

const SECOND = "Savings";
const LOST = "Lost computer";

/** An account with two good backups, and behind them `ruined` that do not open. */
async function begin(t, { ruined = 1 } = {}) {
  const world = await World.of(t);
  const person = await world.owner();
  await person.saves(SECOND, LONG_PHRASE);
  const thief = await Thief.of(world, { account: ACCOUNT, passphrase: PASSPHRASE, label: LOST });
  await thief.ruins(ruined);
  await person.locks();
  return { world, person, thief };
}

/** Tries to log in, reads why that fails, and opens the account without its newest backup. */
async function logsInWithoutNewest(person, options) {
  await person.fillsLogin({ restore: false, ...options });
  await person.does("submit");
  await person.fails("snapshot-refused");
  assert.equal(await person.page.locator("[data-part=accept] :checked").count(), 0, "nothing is ticked beforehand");
  await person.page.locator('[name="accept"][value="newest"]').check();
  await person.typesIfAsked("passphrase", PASSPHRASE);
  await person.does("submit");
  await person.sees("account");
  await person.page.locator('[data-refused="snapshot-refused"]').waitFor();
}

/** From the list of older backups into one of them. */
async function opens(person, number) {
  await person.goesTo("backups");
  const one = (of) => person.page.locator(`[data-number="${of}"]`);
  await one(number).waitFor();
  await one(number).locator('[data-do="open-backup"]').click();
  await person.sees("login");
  await person.types("passphrase", PASSPHRASE);
  await person.does("submit");
}

/** Opens the older backup and starts new keys from it, up to the code that is written down: that code. */
async function continuesFromOlder(person) {
  await logsInWithoutNewest(person);
  await opens(person, 2);
  await person.sees("account");
  await person.does("continue");
  await person.sees("rekey");
  await person.does("draw");
  return person.writesCodeDown();
}

test("an owner whose newest backup a thief has ruined revokes, restores, and continues an older one with new keys", async (t) => {
  const { world, person, thief } = await begin(t, { ruined: 2 });
  const { page } = person;
  await logsInWithoutNewest(person);
  assert.deepEqual(await person.labels(), []);
  assert.equal(await page.locator('[data-do="add"]').getAttribute("aria-disabled"), "true", "nothing is saved after it");
  assert.equal(await page.locator('[data-do="refresh"]').count(), 0);
  await looksAt(page, "refused-head");

  // New keys now would leave the account empty.
  await page.locator('nav [data-do="rekey"]').click();
  await person.sees("rekey");
  await page.locator('[data-part="choose-backup"]').waitFor();
  assert.equal(await page.locator('[data-do="draw"]').count(), 0);
  await person.does("back");
  await person.goesTo("history");
  await page.locator('[data-event="save"]').first().waitFor();
  await person.does("back");
  await person.goesTo("devices");
  await page.locator(`[data-device="${LOST}"] [data-do="revoke"]`).click();
  await person.does("confirm-revoke");
  await person.sees("welcome");
  await assert.rejects(thief.saves(), /device-revoked|not enrolled/u);

  await logsInWithoutNewest(person);
  await person.goesTo("backups");
  await page.locator('[data-number="4"]').waitFor();
  assert.equal(await page.locator('[data-number="4"] [data-do="open-backup"]').count(), 0, "the newest is known not to open");
  await person.does("back");
  await person.sees("account");
  await opens(person, 3);
  await person.fails("snapshot-refused");
  assert.equal(await page.locator('[name="accept"]').count(), 0, "another older one is to be chosen");
  await person.types("backup", "2");
  await person.types("passphrase", PASSPHRASE);
  await person.does("submit");
  await person.sees("account");
  assert.deepEqual((await person.labels()).toSorted(), [LABEL, SECOND].toSorted());
  assert.equal(await person.reads(), PHRASE);

  await person.does("continue");
  await person.sees("rekey");
  assert.match(await page.locator('[data-part="continues"]').textContent(), /Backup 2 .*lost/u, "what is lost is said first");
  await looksAt(page, "rekey-older");
  await person.does("draw");
  const code = await person.writesCodeDown();
  await person.does("finish");
  await person.sees("login");
  await person.open();
  await person.logsIn();
  assert.deepEqual(await person.text("[data-backup]"), ["Number 5"]);
  await person.saves("After it", PHRASE);

  const other = await world.person("other");
  await other.recovers(code);
  assert.deepEqual((await other.labels()).toSorted(), ["After it", LABEL, SECOND].toSorted());
  assert.equal(await other.reads(SECOND), LONG_PHRASE);
  other.codes.push(code);
  await other.leavesNoTrace({ failures: true });
  await person.leavesNoTrace({ failures: true });
});

test("an enrolled browser and a recovery code open an account without its newest backup, too", async (t) => {
  const world = await World.of(t);
  const person = await world.person();
  const code = await person.registers();
  await person.saves(LABEL, PHRASE);
  await person.enrols("manage");
  const thief = await Thief.of(world, { account: ACCOUNT, passphrase: PASSPHRASE, label: LOST });
  await thief.ruins();
  await person.locks();
  await person.does("open");
  await person.fails("snapshot-refused");
  await person.does("open-without-newest");
  await person.sees("account");
  await person.page.locator('[data-part="refused"]').waitFor();
  await person.goesTo("devices");
  await person.page.locator(`[data-device="${LOST}"] [data-do="revoke"]`).click();
  await person.does("confirm-revoke");
  await person.page.locator(`[data-device="${LOST}"]`).waitFor({ state: "detached" });
  await assert.rejects(thief.saves(), /device-revoked|not enrolled/u);

  const other = await world.person("other");
  await other.fillsRecovery(code);
  await other.does("submit");
  await other.fails("snapshot-refused");
  await other.page.locator('[name="accept"][value="newest"]').check();
  await other.does("submit");
  await other.sees("account");
  await other.page.locator('[data-part="refused"]').waitFor();
  other.codes.push(code);
  await other.leavesNoTrace({ failures: true });
  await person.leavesNoTrace({ failures: true });
});

for (const ends of [false, true]) {
  const when = ends ? ", although the session ended in between" : "";
  test(`a code for new keys that continue an older backup is recorded before anything is asked of the vault${when}`, async (t) => {
    const { person } = await begin(t);
    const { wire } = person;
    const code = await continuesFromOlder(person);
    if (ends) {
      refuses(wire, ["POST", "/v1/account/rekey"], 401, "session-ended");
      await person.does("finish");
      await person.fails("session-ended");
      wire.heal();
      assert.ok(await person.reopens());
    }
    wire.cutRequest(1);
    await person.does("finish");
    await person.fails("rekey-unconfirmed");
    await person.reloads();
    const notice = (state) => person.page.locator(`[data-part="code-notice"][data-code="${state}"]`).waitFor();
    // What was confirmed is not called unconfirmed.
    await notice("waiting");
    wire.heal();

    // The login sends what is recorded, and is not held up by a backup that the new keys replace.
    await person.sees("welcome");
    await person.logsIn({ restore: false });
    await notice("active");
    assert.deepEqual((await person.labels()).toSorted(), [LABEL, SECOND].toSorted());
    await person.recovers(code);
    await person.leavesNoTrace({ failures: true });
  });
}

for (const [way, what] of [["cut", "the request"], ["lose", "the response"]]) {
  test(`new keys that continue an older backup hold in the end, if ${what} is lost`, async (t) => {
    const { person } = await begin(t);
    const { page, wire } = person;
    const code = await continuesFromOlder(person);
    wire.breaksAt(way, "POST", "/v1/account/rekey");
    await person.does("finish");
    await person.fails("rekey-unconfirmed");
    wire.heal();
    await person.does("finish");
    if (way === "cut") {
      // The vault does not know the code: a login sends what is recorded, although the newest backup does not open yet.
      await person.fails("locked");
      await page.locator('[data-holds="unsure"]').waitFor();
      assert.ok(await person.reopens());
      await person.does("finish");
    }
    await person.sees("login");
    await person.open();
    await person.logsIn();
    assert.deepEqual((await person.labels()).toSorted(), [LABEL, SECOND].toSorted());
    await person.recovers(code);
    await person.leavesNoTrace({ failures: true });
  });
}
