/** Answers that are lost while the account's devices change: the same step is offered again, and the list says what holds. */

import assert from "node:assert/strict";
import { breaksEverywhere, refuses } from "./harness/broken.mjs";
import { LABEL, LONG_PHRASE, PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { evaluates } from "./harness/within.mjs";
import { World } from "./harness/world.mjs";

const CHANGE = ["POST", "/v1/account/devices"];

async function begin(t) {
  const world = await World.of(t);
  return { world, wire: world.wire, person: await world.owner() };
}

/** Goes to the list of devices and waits for it. */
async function looksAtDevices(person) {
  await person.does("devices");
  await person.page.locator('[data-loaded="true"]').waitFor({ state: "attached" });
}

/** The records of a device's keys that the browser keeps. */
function deviceKeys(person) {
  return evaluates("the keys that the browser keeps", person.page, async () => {
    const result = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const database = await result(indexedDB.open("rootcellar", 1));
    const names = await result(database.transaction("state").objectStore("state").getAllKeys());
    database.close();
    return names.filter((name) => ["secrets", "next"].includes(name));
  });
}

test("an enrolment is done once, and its keys open the account", async (t) => {
  const { wire, person } = await begin(t);
  const broken = await breaksEverywhere(person, {
    prepare: async () => {
      await person.goesTo("enrol");
      await person.chooses("permission", "manage");
    },
    done: () => person.page.locator('[data-screen="account"]').waitFor(),
    finished: async () => {
      await person.locks();
      await person.does("open");
      await person.sees("account");
      await looksAtDevices(person);
      assert.equal(await person.page.locator("[data-device]").count(), 1);
      assert.deepEqual(await deviceKeys(person), ["secrets"]);
      await person.does("revoke");
      await person.does("confirm-revoke");
      await person.sees("welcome");
      assert.deepEqual(await deviceKeys(person), []);
      await person.logsIn();
    },
  });
  assert.ok(broken >= 2, `broken off ${broken} times`);
  await person.leavesNoTrace({ failures: true });
});

/** From here on the browser cannot write a record, until the page is opened again. */
async function cannotWrite(person, record) {
  const [worker] = person.page.workers();
  await evaluates("a full disk", worker, (full) => {
    const { prototype } = IDBObjectStore;
    const really = prototype.put;
    prototype.put = function (value, name) {
      const request = really.call(this, value, name);
      if (name === full) request.addEventListener("success", () => this.transaction.abort());
      return request;
    };
  }, record);
}

// The browser has one of them, and not the other: the disk was full, or the phone was turned off in between.
for (const [missing, what, there] of [["secrets", "that its keys hold", "next"], ["enrolment", "of the enrolment", "secrets"]]) {
  test(`of the keys of several enrolments the browser finds the one that holds, without the record ${what}`, async (t) => {
    const { wire, person } = await begin(t);
    await cannotWrite(person, missing);
    await person.enrols("restore");
    await person.page.locator("[data-notice].warn").waitFor();
    await person.open();
    assert.deepEqual(await deviceKeys(person), [there]);
    // A vault that knows neither: nothing is given up.
    refuses(wire, ["GET", "/v1/account/device"], 401, "device-revoked");
    await person.does("open");
    await person.fails("device-revoked");
    assert.deepEqual(await deviceKeys(person), [there]);
    wire.heal();
    await person.does("open");
    await person.sees("account");
    assert.equal(await person.page.locator("[data-notice]").count(), 0, "there is nothing to be done about it");
    assert.deepEqual(await deviceKeys(person), ["secrets"]);
    assert.equal(await person.reads(), PHRASE);
    await person.leavesNoTrace({ failures: true });
  });
}

test("new keys are in use, and this browser opens by its own, although it could not record that they hold", async (t) => {
  const { person } = await begin(t);
  await person.enrols("restore");
  await person.locks();
  await person.logsIn();
  const code = await person.drawsCode("rekey");
  await cannotWrite(person, "secrets");
  await person.does("finish");
  await person.sees("login");
  await person.page.locator("[data-notice]").waitFor();
  await person.open();
  assert.deepEqual(await deviceKeys(person), ["next", "secrets"]);
  await person.does("open");
  await person.sees("account");
  await person.page.locator('[data-part="code-notice"][data-code="active"]').waitFor();
  assert.deepEqual(await deviceKeys(person), ["secrets"]);
  assert.equal(await person.reads(), PHRASE);
  await person.recovers(code);
  await person.leavesNoTrace({ failures: true });
});

test("an enrolled browser opens without a network, says so, and keeps a save until there is one", async (t) => {
  const { wire, person } = await begin(t);
  await person.enrols("backup");
  await person.page.waitForFunction(async () => (await navigator.serviceWorker.ready).active !== null);
  const without = async () => {
    wire.fail();
    await person.open();
    await person.does("open");
    await person.page.locator('[data-finished="offline"]').waitFor();
  };
  await without();
  assert.deepEqual(await person.labels(), [LABEL]);
  await person.fillsEntry("Saved twice", LONG_PHRASE);
  await person.does("submit");
  await person.fails("unconfirmed");
  wire.heal();
  await person.does("submit");
  await person.sees("account");
  assert.deepEqual((await person.labels()).toSorted(), [LABEL, "Saved twice"]);

  // Nobody waits for the next one.
  await without();
  await person.fillsEntry("Kept for later", LONG_PHRASE);
  await person.does("submit");
  await person.fails("unconfirmed");
  await without();
  wire.heal();
  await person.open();
  await person.does("open");
  await person.page.locator('[data-finished="saved"]').waitFor();
  assert.deepEqual((await person.labels()).toSorted(), ["Kept for later", LABEL, "Saved twice"].toSorted());
  await person.leavesNoTrace({ failures: true });
});

test("a save that is kept for want of a network is sent by itself when there is one", async (t) => {
  const { person } = await begin(t);
  const { page } = person;
  const offline = async (is) => {
    await person.phone.context.setOffline(is);
    await page.locator("[data-offline]").waitFor({ state: is ? "visible" : "detached" });
  };
  const notices = () => page.locator("[data-notice], [data-finished]").count();

  // Whoever waits for it sees it done, and reads so once.
  await person.fillsEntry("Waited for", LONG_PHRASE);
  await offline(true);
  await person.does("submit");
  await person.fails("unconfirmed");
  await offline(false);
  await person.sees("account");
  await page.locator("[data-notice]", { hasText: "number 2" }).waitFor();
  assert.equal(await notices(), 1);
  assert.deepEqual((await person.labels()).toSorted(), [LABEL, "Waited for"]);

  // So does whoever went on meanwhile; what comes after it is a save of its own.
  await person.fillsEntry("Left alone", LONG_PHRASE);
  await offline(true);
  await person.does("submit");
  await person.fails("unconfirmed");
  await person.does("back");
  await page.locator('[data-part="pending-save"]').waitFor();
  await person.fillsEntry("After it", PHRASE);
  await person.does("submit");
  await person.fails("pending-save");
  await offline(false);
  await page.locator('[data-screen="add"] [data-notice]').waitFor();
  await person.does("submit");
  await person.sees("account");
  await page.locator("[data-notice]", { hasText: "number 4" }).waitFor();
  assert.equal(await notices(), 1);
  assert.deepEqual((await person.labels()).toSorted(), [LABEL, "Waited for", "Left alone", "After it"].toSorted());
  assert.equal(await page.locator('[data-part="pending-save"]').count(), 0);
  await person.leavesNoTrace({ failures: true });
});

test("a permission and a removal whose answers are lost hold, and the list says so", async (t) => {
  const { world, wire, person } = await begin(t);
  const other = await world.person("other");
  await other.logsIn({ device: "Other phone" });
  await other.enrols("restore");
  await other.locks();
  await person.does("refresh");

  const row = person.page.locator('[data-device="Other phone"]');
  const change = async (what, confirm) => {
    await row.locator(`[data-do="${what}"]`).click();
    if (what === "change") {
      await row.locator('[name="permission"][value="view"]').check();
    }
    await row.locator(`[data-do="${confirm}"]`).click();
  };
  for (const [what, confirm] of [["change", "permit"], ["revoke", "confirm-revoke"]]) {
    await looksAtDevices(person);
    wire.breaksAt("cut", ...CHANGE);
    await change(what, confirm);
    await person.fails("devices-unconfirmed");
    wire.heal();
    wire.breaksAt("lose", ...CHANGE);
    await row.locator(`[data-do="${confirm}"]`).click();
    await person.page.locator('[data-failure="devices-unconfirmed"]').waitFor({ state: "detached" });
    await person.fails("devices-unconfirmed");
    wire.heal();
    // It was done, and ended every session.
    await row.locator(`[data-do="${confirm}"]`).click();
    await person.page.locator('[data-failure="session-ended"]').waitFor();
    assert.ok(await person.reopens());
    await row.locator(`[data-do="${confirm}"]`).click();
    if (what === "revoke") {
      await person.fails("no-such-device");
    } else {
      await person.page.locator("[data-notice]", { hasText: "Other phone" }).waitFor();
    }
    await person.does("back");
    await person.sees("account");
  }
  await looksAtDevices(person);
  assert.equal(await person.page.locator("[data-device]").count(), 0);
  await other.does("open");
  await other.fails("device-revoked");
  await person.leavesNoTrace({ failures: true });
});

test("a tab that does not hear that it was robbed of the account changes nothing any more", async (t) => {
  const { wire, person } = await begin(t);
  // As a phone's frozen tab: its worker runs, and the word that another tab has the account does not come through.
  await person.page.addInitScript(() => {
    const request = navigator.locks.request.bind(navigator.locks);
    navigator.locks.request = (...all) => request(...all).catch(() => new Promise(() => undefined));
  });
  await person.open();
  await person.logsIn();
  await person.fillsEntry("Of the robbed tab", LONG_PHRASE);
  const sent = wire.holdsBack("PUT", "/v1/account/snapshots/");
  await person.does("submit");
  await sent.begun();

  const other = await person.tab();
  await other.sees("elsewhere");
  await other.does("here");
  await other.sees("welcome");
  // It finds what the first tab has begun, and finishes it.
  await other.logsIn();
  await other.saves("Of the other tab", PHRASE);
  const kept = await other.keeps();
  sent.goOn();
  await person.sees("elsewhere");
  assert.deepEqual(await other.keeps(), kept);
  await other.does("refresh");
  await other.page.locator("[data-notice]").waitFor();
  assert.deepEqual((await other.labels()).toSorted(), [LABEL, "Of the other tab", "Of the robbed tab"]);
  await person.does("here");
  await person.sees("welcome");
  await person.logsIn();
  assert.equal(await person.reads(), PHRASE);
  await person.leavesNoTrace({ failures: true });
});
