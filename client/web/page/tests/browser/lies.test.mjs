/** A vault, or a network, that answers something else than what was saved. */

import assert from "node:assert/strict";
import { LABEL, PASSPHRASE, PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { evaluates } from "./harness/within.mjs";
import { World } from "./harness/world.mjs";

/** The longest answer that clients read. */
const MOST = 2 * 1024 * 1024;

/** Answers to the second trip of a login are these bytes. */
function finishes(wire, change) {
  wire.alter(({ url, status, body }) => (url === "/v1/login/finish" && status === 200 ? change(body) : null));
}

/** The same with one bit changed, in what is sealed. */
function flipped(body) {
  const bytes = Buffer.from(body);
  bytes[bytes.length - 40] ^= 1;
  return bytes;
}

/** Changes the vault's answers to what is asked at an address. */
function says(wire, asked, change) {
  wire.alter(({ method, url, status, body }) => {
    if (method !== "GET" || url !== asked || status !== 200) {
      return null;
    }
    const answer = JSON.parse(body);
    change(answer);
    return Buffer.from(JSON.stringify(answer));
  });
}

const LIES = [
  {
    what: "a snapshot with one bit changed",
    codes: ["snapshot-refused"],
    change: flipped,
  },
  {
    what: "a snapshot that ends too early",
    codes: ["malformed-response", "snapshot-refused"],
    change: (body) => body.subarray(0, body.length - 1),
  },
  { what: "2 MiB of nothing", codes: ["malformed-response"], change: () => Buffer.alloc(MOST) },
  { what: "more than 2 MiB", codes: ["response-too-long"], change: () => Buffer.alloc(MOST + 1) },
];

test("an altered answer is refused, nothing of it is shown, and the true one opens", async (t) => {
  const world = await World.of(t);
  const { wire } = world;
  const owner = await world.owner("owner");
  await owner.phone.off();

  const person = await world.person();
  person.codes = owner.codes;
  await person.fillsLogin();
  for (const { what, codes, change } of LIES) {
    finishes(wire, change);
    await person.does("submit");
    await person.page.locator('[data-do="submit"][aria-disabled="true"]').waitFor();
    await person.page.locator('[data-do="submit"][aria-disabled="false"]').waitFor();
    const code = await person.failure();
    assert.ok(codes.includes(code), `${what}: ${code}`);
    assert.equal((await person.page.content()).includes(LABEL), false, what);
    wire.heal();
  }
  await person.does("submit");
  await person.sees("account");
  assert.equal(await person.reads(), PHRASE);
  await person.leavesNoTrace({ failures: true });
});

test("who lies about a save that is finished late gets nobody in", async (t) => {
  const world = await World.of(t);
  const { wire } = world;
  const person = await world.person();
  await person.registers();
  await person.fillsEntry();
  wire.cutRequest(1);
  await person.does("submit");
  await person.failure();
  await person.phone.off();

  wire.heal();
  wire.alter(({ method, url, body }) => (method === "PUT" && url.startsWith("/v1/account/snapshots/") ? flipped(body) : null));
  const later = await world.person();
  later.codes = person.codes;
  await later.fillsLogin();
  await later.does("submit");
  await later.fails("read-back");
  wire.heal();
  await later.types("passphrase", PASSPHRASE);
  await later.does("submit");
  await later.sees("account");
  assert.equal(await later.reads(), PHRASE);
  await later.leavesNoTrace({ failures: true });
});

/** Later than a calendar of the browser reaches. */
const BEYOND = 8_640_000_000_001;

test("a vault takes nothing out of sight by times and kinds that no honest one says", async (t) => {
  const person = await (await World.of(t)).person();
  const { page, wire } = person;
  await person.registers();
  await person.enrols("manage");

  says(wire, "/v1/account/devices", ({ devices }) => (devices[0].last_seen_at = BEYOND));
  await person.does("devices");
  const row = page.locator('[data-device="First phone"]');
  await row.locator('[data-do="revoke"]').waitFor();
  assert.match(await row.textContent(), new RegExp(String(BEYOND)));
  wire.heal();
  await person.does("back");
  await person.sees("account");
  // When a device was enrolled is signed: the vault is not asked.
  says(wire, "/v1/account/devices", ({ devices }) => (devices[0].enrolled_at = BEYOND));
  await person.does("devices");
  await row.locator('[data-do="revoke"]').waitFor();
  assert.doesNotMatch(await row.textContent(), new RegExp(String(BEYOND)));
  wire.heal();
  await person.does("back");
  await person.sees("account");
  says(wire, "/v1/account/history", ({ acts: { events } }) => {
    events.push({ number: events.at(-1).number + 1, at: BEYOND, kind: "constructor", by: "passphrase", detail: 0 });
  });
  await person.does("history");
  const events = page.locator('[data-screen="history"] ol > li');
  await events.filter({ hasText: "constructor" }).waitFor();
  await page.locator('[data-event="registration"]').waitFor();
  await person.leavesNoTrace({ failures: true });
});

test("what cannot be drawn is said, and the account stays open", async (t) => {
  const person = await (await World.of(t)).person();
  const { page } = person;
  await person.registers();
  await person.enrols("manage");
  await evaluates("nothing can be drawn", page, () => {
    const { format } = Object.getOwnPropertyDescriptors(Intl.DateTimeFormat.prototype);
    const fail = () => {
      throw new RangeError("of the test");
    };
    Object.defineProperty(Intl.DateTimeFormat.prototype, "format", { get: fail, configurable: true });
    globalThis.mend = () => Object.defineProperty(Intl.DateTimeFormat.prototype, "format", format);
  });
  await person.does("devices");
  await page.locator('[data-screen="broken"]').waitFor();
  await person.fails("defect");
  // Where it lies in one screen, the others are there.
  await person.does("settings");
  await person.sees("settings");
  await person.does("back");
  await page.locator('[data-screen="broken"]').waitFor();
  await evaluates("it can again", page, () => globalThis.mend());
  await person.does("retry");
  await page.locator('[data-device="First phone"] [data-do="revoke"]').waitFor();
  await person.does("back");
  await person.sees("account");
  await person.leavesNoTrace();
});
