/** A vault, or a network, that answers something else than what was saved. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { LABEL, PASSPHRASE, PHRASE, Person } from "./harness/person.mjs";
import { folder } from "./harness/programs.mjs";
import { Vault } from "./harness/vault.mjs";
import { Wire } from "./harness/wire.mjs";

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

const LIES = [
  {
    what: "a snapshot with one bit changed",
    codes: ["snapshot-refused"],
    change: flipped,
  },
  {
    what: "a snapshot that ends too early",
    codes: ["malformed-answer", "snapshot-refused"],
    change: (body) => body.subarray(0, body.length - 1),
  },
  { what: "2 MiB of nothing", codes: ["malformed-answer"], change: () => Buffer.alloc(MOST) },
  { what: "more than 2 MiB", codes: ["answer-too-long"], change: () => Buffer.alloc(MOST + 1) },
];

test("an altered answer is refused, nothing of it is shown, and the true one opens", async (t) => {
  const home = await folder(t);
  const vault = await Vault.start(t, home);
  const wire = await Wire.open(t, vault.port);
  const owner = await Person.with(t, join(home, "owner"), wire);
  await owner.registers();
  await owner.saves(LABEL, PHRASE);
  await owner.phone.off();

  const person = await Person.with(t, join(home, "phone"), wire);
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
  const home = await folder(t);
  const vault = await Vault.start(t, home);
  const wire = await Wire.open(t, vault.port);
  const person = await Person.with(t, join(home, "phone"), wire);
  await person.registers();
  await person.fillsEntry();
  wire.cutRequest(1);
  await person.does("submit");
  await person.failure();
  await person.phone.off();

  wire.heal();
  wire.alter(({ method, url, body }) => (method === "PUT" && url.startsWith("/v1/account/snapshots/") ? flipped(body) : null));
  const later = await Person.with(t, join(home, "phone"), wire);
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
