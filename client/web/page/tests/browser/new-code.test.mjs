/**
 * A recovery code that takes another's place while the connection is lost, the screen is left, or the session has ended: what a
 * person has on paper holds in the end, and nobody throws a paper away that does.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { assertMet, everywhere, refuses, renews } from "./harness/broken.mjs";
import { ACCOUNT, LABEL, PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { World } from "./harness/world.mjs";

const CHANGE = "/v1/account/recovery-code";
const REKEY = "/v1/account/rekey";

const texts = JSON.parse(await readFile(new URL("../../src/texts/en.json", import.meta.url), "utf8"));

test("a new recovery code: the one that is on paper holds in the end", async (t) => {
  const person = await (await World.of(t)).person();
  let former = await person.registers();
  await person.saves(LABEL, PHRASE);
  const { seen } = await everywhere(person.wire, async (place) => {
    const code = await renews(person, "recovery-code", place);
    await person.open();
    await person.fillsRecovery(former);
    await person.does("submit");
    await person.fails("recovery-refused");
    await person.recovers(code);
    former = code;
  });
  assertMet(seen, "recovery-code-unconfirmed", "locked", "asked in vain");
  // A confirmed code is recorded before anything is asked, so that no request can end without it.
  assert.ok(!seen.includes("unreachable"), `${seen}`);
  assert.equal(await person.reads(), PHRASE);
  await person.leavesNoTrace({ failures: true });
});

test("a new recovery code that is on its way when its screen is left, or another tab goes on, may hold", async (t) => {
  const person = await (await World.of(t)).person();
  const { wire } = person;
  await person.registers();
  const noticed = async (way) => {
    const notice = person.page.locator("[data-notice]");
    await notice.waitFor();
    assert.equal((await notice.textContent()).trim(), texts.code.unsure, way);
  };
  for (const way of ["back", "another tab"]) {
    const code = await person.drawsCode();
    const sent = wire.holdsBack("POST", CHANGE);
    await person.does("finish");
    await sent.begun();
    if (way === "back") {
      await person.does("back");
      await noticed(way);
      sent.goOn();
      await person.sees("login");
    } else {
      const other = await person.tab();
      await other.does("here");
      await person.sees("elsewhere");
      await noticed(way);
      sent.goOn();
      await sent.arrived();
      await other.page.close();
    }
    wire.heal();
    await person.recovers(code);
  }
  await person.leavesNoTrace({ failures: true });
});

test("a code that was never confirmed is said to be inactive after a reload, until that is dismissed", async (t) => {
  const person = await (await World.of(t)).person();
  const former = await person.registers();
  for (const screen of ["recovery-code", "rekey"]) {
    const dropped = await person.drawsCode(screen);
    await person.reloads();
    await person.sees("welcome");
    await person.page.locator('[data-code="unconfirmed"]').waitFor();
    await person.logsIn();
    await person.page.locator('[data-code="unconfirmed"]').waitFor();
    await person.does("dismiss-code");
    await person.page.locator('[data-part="code-notice"]').waitFor({ state: "detached" });
    await person.reloads();
    await person.sees("welcome");
    assert.equal(await person.page.locator('[data-part="code-notice"]').count(), 0);
    await person.fillsRecovery(dropped);
    await person.does("submit");
    await person.fails("recovery-refused");
    await person.recovers(former);
    // New keys need the passphrase.
    await person.open();
    await person.logsIn({ restore: false });
  }
  await person.leavesNoTrace({ failures: true });
});

test("a confirmed code is active after a reload at any request, and the page says so", async (t) => {
  const person = await (await World.of(t)).person();
  let former = await person.registers();
  for (const screen of ["recovery-code", "rekey"]) {
    let active = 0;
    await everywhere(person.wire, async ({ name, breaks, heals }) => {
      await person.open();
      await person.logsIn({ restore: false });
      const written = await person.drawsCode(screen);
      breaks();
      await person.does("finish");
      await person.page.locator('[data-failure], [data-screen="login"]').first().waitFor();
      await person.reloads();
      heals();
      await person.sees("welcome");
      await person.logsIn();
      const notice = person.page.locator('[data-part="code-notice"]');
      const said = (await notice.count()) === 0 ? "active" : await notice.getAttribute("data-code");
      assert.equal(said, "active", `${screen}, ${name}: what was confirmed is not called unconfirmed`);
      active += 1;
      await person.open();
      await person.fillsRecovery(former);
      await person.does("submit");
      await person.fails("recovery-refused");
      await person.recovers(written);
      former = written;
    });
    assert.ok(active >= 4, `${screen}: ${active} codes were activated`);
  }
  await person.leavesNoTrace({ failures: true });
});

/** What the page says once, after a screen was left. */
async function noticed(person) {
  const notice = person.page.locator("[data-notice]");
  await notice.waitFor();
  return (await notice.textContent()).trim();
}

async function opensNothing(person, code) {
  await person.open();
  await person.fillsRecovery(code);
  await person.does("submit");
  await person.fails("recovery-refused");
}

test("that an earlier code is active says nothing of the one that is drawn next", async (t) => {
  const person = await (await World.of(t)).person();
  const { wire } = person;
  await person.fillsRegistration();
  await person.does("submit");
  let former = await person.writesCodeDown();
  wire.breaksAt("lose", "POST", "/v1/registration/finish");
  await person.does("confirm-code");
  await person.fails("outcome-unknown");
  for (const [screen, request] of [["recovery-code", CHANGE], ["rekey", REKEY]]) {
    wire.heal();
    await person.reloads();
    await person.fillsLogin();
    await person.does("submit");
    await person.sees("account");
    await person.page.locator('[data-code="active"]').waitFor();
    const code = await person.drawsCode(screen);
    const before = wire.passed.length;
    await person.does("finish");
    await person.sees("login");
    const sent = wire.passed.slice(before).filter(({ method, url }) => method === "POST" && url === request);
    assert.equal(sent.length, 1, screen);
    await opensNothing(person, former);
    await person.recovers(code);
    former = code;
    // The login by passphrase that comes next finds another code that became active.
    await person.open();
    await person.logsIn({ restore: false });
    former = await person.drawsCode();
    wire.breaksAt("lose", "POST", CHANGE);
    await person.does("finish");
    await person.fails("recovery-code-unconfirmed");
  }
  wire.heal();
  await person.leavesNoTrace({ failures: true });
});

test("who leaves a confirmed code that the vault does not know yet is told to keep both papers", async (t) => {
  const person = await (await World.of(t)).person();
  const { wire } = person;
  let former = await person.registers();
  for (const [screen, request] of [["recovery-code", CHANGE], ["rekey", REKEY]]) {
    const code = await person.drawsCode(screen);
    wire.breaksAt("cut", "POST", request);
    await person.does("finish");
    await person.comes("login");
    wire.heal();
    // The code itself is tried, and opens nothing. What is recorded of it is still there.
    await person.does("finish");
    await person.fails("locked");
    await person.page.locator('[data-holds="unsure"]').waitFor();
    await person.does("back");
    assert.equal(await noticed(person), texts.code.unsure, screen);
    await person.open();
    await person.logsIn({ restore: false });
    await person.page.locator('[data-code="active"]').waitFor();
    await opensNothing(person, former);
    await person.recovers(code);
    former = code;
    await person.open();
    await person.logsIn({ restore: false });
  }
  await person.leavesNoTrace({ failures: true });
});

test("a confirmed code stays unsure if the vault cannot be asked after the account was opened again", async (t) => {
  const person = await (await World.of(t)).person();
  const { wire } = person;
  await person.registers();
  for (const [screen, request] of [["recovery-code", CHANGE], ["rekey", REKEY]]) {
    const code = await person.drawsCode(screen);
    wire.breaksAt("cut", "POST", request);
    await person.does("finish");
    await person.comes("login");
    wire.heal();
    await person.does("finish");
    await person.fails("locked");
    // The login goes through, and then the network is lost.
    wire.breaksAt("cut", "GET", "/v1/account");
    assert.ok(await person.reopens());
    await person.does("finish");
    assert.notEqual(await person.comes("login"), "login");
    // The notice about the paper says it, or the failure itself.
    await person.page.locator('[data-holds="unsure"], [data-failure="recovery-code-unconfirmed"]').first().waitFor();
    wire.heal();
    for (let tries = 0; (await person.comes("login")) !== "login"; tries += 1) {
      assert.ok(tries < 4, screen);
      if ((await person.page.locator('[data-part="reopen"]').count()) > 0) {
        assert.ok(await person.reopens());
      }
      await person.does("finish");
    }
    await person.recovers(code);
    await person.open();
    await person.logsIn({ restore: false });
  }
  await person.leavesNoTrace({ failures: true });
});

test("a code that waits can be given up, and one that is active is shown until it is dismissed", async (t) => {
  const person = await (await World.of(t)).person();
  const { wire } = person;
  const notice = () => person.page.locator('[data-part="code-notice"]');
  const former = await person.registers();
  const lose = async (way) => {
    const code = await person.drawsCode();
    wire.breaksAt(way, "POST", CHANGE);
    await person.does("finish");
    await person.fails("recovery-code-unconfirmed");
    wire.heal();
    await person.reloads();
    await person.page.locator('[data-code="waiting"]').waitFor();
    return code;
  };
  await lose("cut");
  await person.does("discard-code");
  assert.match(await notice().textContent(), /keep both codes/u);
  await person.does("confirm-discard-code");
  await notice().waitFor({ state: "detached" });
  await person.logsIn({ restore: false });
  assert.equal(await notice().count(), 0);
  await person.recovers(former);
  await person.open();
  await person.logsIn({ restore: false });

  const code = await lose("lose");
  await person.logsIn({ restore: false });
  await person.page.locator('[data-code="active"]').waitFor();
  await person.does("dismiss-code");
  await notice().waitFor({ state: "detached" });
  await person.does("refresh");
  await person.page.locator("[data-notice]").waitFor();
  assert.equal(await notice().count(), 0);
  await opensNothing(person, former);
  await person.recovers(code);
  await person.leavesNoTrace({ failures: true });
});

test("a device that may not change the code is not offered to go on with it", async (t) => {
  const world = await World.of(t);
  const { wire } = world;
  for (const [permission, offered] of [["restore", 0], ["manage", 1]]) {
    const person = await world.person(permission);
    await person.registers({ account: `${ACCOUNT}-${permission}` });
    await person.enrols(permission);
    await person.drawsCode();
    refuses(wire, ["POST", CHANGE], 401, "session-ended");
    await person.does("finish");
    await person.fails("session-ended");
    assert.equal(await person.page.locator('[data-do="reopen-device"]').count(), offered, permission);
    wire.heal();
    assert.ok(await person.reopens());
    await person.does("finish");
    await person.sees("login");
    await person.leavesNoTrace({ failures: true });
  }
});

test("who leaves a new code before it holds reads that it does not", async (t) => {
  const person = await (await World.of(t)).person();
  const former = await person.registers();
  const dropped = await person.drawsCode();
  await person.page.locator('[data-do="finish"]').waitFor();
  const other = await person.tab();
  await other.does("here");
  await other.sees("welcome");
  await person.sees("elsewhere");
  await person.page.locator("[data-notice]", { hasText: "are not active" }).waitFor();
  await other.fillsRecovery(dropped);
  await other.does("submit");
  await other.fails("recovery-refused");
  await other.recovers(former);
  await person.leavesNoTrace({ failures: true });
});
