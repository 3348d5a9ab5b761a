/**
 * A recovery code that takes another's place while the connection is lost, the screen is left, or the session has ended: what a
 * person has on paper holds in the end, and nobody throws a paper away that does.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { assertMet, everywhere, refuses, renews } from "./harness/broken.mjs";
import { ACCOUNT, LABEL, PHRASE } from "./harness/person.mjs";
import { World } from "./harness/world.mjs";

const CHANGE = "/v1/account/recovery-code";

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
  assertMet(seen, "unreachable", "recovery-code-unconfirmed", "locked", "asked in vain");
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
    await sent.begun;
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
      const [valid, dead] = said === "active" ? [written, former] : [former, written];
      assert.ok(["active", "unconfirmed"].includes(said), `${name}: ${said}`);
      active += Number(said === "active");
      await person.open();
      await person.fillsRecovery(dead);
      await person.does("submit");
      await person.fails("recovery-refused");
      await person.recovers(valid);
      former = valid;
    });
    assert.ok(active >= 3, `${screen}: ${active} codes were activated`);
  }
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
    refuses(wire, ["GET", "/v1/account"], 401, "session-ended");
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
