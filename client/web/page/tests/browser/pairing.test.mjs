/** A pairing goes on after lost connections, failing storage and ended sessions, on both sides. */

import assert from "node:assert/strict";
import { refuses } from "./harness/broken.mjs";
import { PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { evaluates } from "./harness/within.mjs";
import { World } from "./harness/world.mjs";

const MAILBOX = ["POST", "/v1/pairing"];
const REPLY = ["POST", "/v1/pairing/reply"];
const OPENING = ["POST", "/v1/account/pairings"];
const LIST = ["GET", "/v1/account/devices"];
const CHANGE = ["POST", "/v1/account/devices"];
const DEVICE = ["GET", "/v1/account/device"];

/** Two browsers, each with a network of its own. */
async function begin(t) {
  const world = await World.of(t);
  const first = await world.owner("first");
  const second = await world.person("second", { wire: await world.otherWire() });
  second.codes = first.codes;
  return { first, second };
}

/** The network of a person has failed, the screen says so, and then it is there again. */
async function suffers(person, code = "unreachable") {
  await person.page.locator(`[data-failure="${code}"]:visible`).waitFor();
  assert.ok(person.wire.isDown);
  person.wire.heal();
}

test("the new device's side of a pairing goes on wherever the network was lost", async (t) => {
  const { first, second } = await begin(t);
  const text = await second.offersPairing();
  second.wire.breaksAt("cut", ...MAILBOX);
  await suffers(second);
  second.wire.breaksAt("lose", ...REPLY);
  await second.does("retry");
  await first.readsPairing(text);
  await suffers(second);
  const compared = await first.digits();
  await second.does("retry");
  assert.equal(await second.digits(), compared);

  second.wire.breaksAt("lose", ...MAILBOX);
  await second.does("same");
  await suffers(second);
  second.wire.breaksAt("lose", ...DEVICE);
  await second.does("same");
  await first.chooses("permission", "restore");
  await first.does("same");
  await first.sees("devices");
  // It is in already.
  await suffers(second);
  await second.does("same");
  await second.sees("account");
  assert.equal(await second.reads(), PHRASE);
  await second.leavesNoTrace({ failures: true });
  await first.leavesNoTrace();
});

test("the managing side of a pairing goes on wherever the network or the session was lost", async (t) => {
  const { first, second } = await begin(t);
  const text = await second.offersPairing();
  first.wire.breaksAt("lose", ...OPENING);
  await first.readsPairing(text);
  await suffers(first);
  first.wire.breaksAt("cut", ...MAILBOX);
  await first.does("submit");
  await suffers(first);
  first.wire.breaksAt("cut", ...LIST);
  await first.does("submit");
  await suffers(first);
  await first.does("submit");
  assert.equal(await first.digits(), await second.digits());

  await second.does("same");
  await first.chooses("permission", "restore");
  refuses(first.wire, CHANGE, 429, "rate-limited");
  await first.does("same");
  await first.fails("rate-limited");
  refuses(first.wire, CHANGE, 401, "session-ended");
  await first.does("same");
  await first.page.locator('[data-failure="session-ended"]').waitFor();
  first.wire.heal();
  assert.ok(await first.reopens());
  await first.does("same");
  await first.sees("devices");
  await second.sees("account");
  assert.equal(await second.reads(), PHRASE);
  await first.leavesNoTrace({ failures: true });
});

test("a confirmation whose answer is lost lets the new device in, and the list shows it", async (t) => {
  const { first, second } = await begin(t);
  await first.readsPairing(await second.offersPairing());
  assert.equal(await first.digits(), await second.digits());
  await second.does("same");
  await first.chooses("permission", "backup");
  first.wire.breaksAt("cut", ...CHANGE);
  await first.does("same");
  await suffers(first, "devices-unconfirmed");
  // Nothing tells whether it was: both begin anew.
  await second.does("back");
  await second.sees("welcome");
  await first.does("back");
  await first.sees("account");
  await first.readsPairing(await second.offersPairing());
  assert.equal(await first.digits(), await second.digits());
  await second.does("same");
  await first.chooses("permission", "restore");
  first.wire.breaksAt("lose", ...CHANGE);
  await first.does("same");
  await suffers(first, "devices-unconfirmed");
  await second.sees("account");
  assert.equal(await second.reads(), PHRASE);
  await first.does("back");
  await first.sees("account");
  await first.does("devices");
  await first.page.locator('[data-device="Paired phone"]').waitFor();
  await first.leavesNoTrace({ failures: true });
});

test("a new device that cannot keep its keys keeps them with the next try", async (t) => {
  const { first, second } = await begin(t);
  await first.readsPairing(await second.offersPairing());
  assert.equal(await first.digits(), await second.digits());
  await first.chooses("permission", "restore");
  // The browser has no room: a transaction that writes one of these records comes to nothing.
  const [worker] = second.page.workers();
  const full = (records) =>
    evaluates("a full disk", worker, (names) => {
      const { prototype } = IDBObjectStore;
      prototype.really ??= prototype.put;
      prototype.put = function (value, name) {
        const request = this.really(value, name);
        if (names.includes(name)) request.addEventListener("success", () => this.transaction.abort());
        return request;
      };
    }, records);
  await full(["next"]);
  await Promise.all([second.does("same"), first.does("same")]);
  await first.sees("devices");
  await second.page.locator('[data-failure="paired-not-stored"]:visible').waitFor();
  // What the device knows of the account, and keys that cannot take the place of others yet.
  for (const record of ["localState", "enrolment", "secrets"]) {
    await full([record]);
    await second.does("same");
    await second.page.locator('[data-failure="paired-not-committed"]:visible').waitFor();
  }
  // It is on the list: that the digits differ is not offered any more.
  assert.equal(await second.page.locator('[data-do="differ"]').count(), 0);
  await second.page.locator('[data-do="stop"]').waitFor();
  await full([]);
  await second.does("same");
  await second.sees("account");
  assert.equal(await second.reads(), PHRASE);
  await second.locks();
  await second.does("open");
  await second.sees("account");
  await second.leavesNoTrace();
});
