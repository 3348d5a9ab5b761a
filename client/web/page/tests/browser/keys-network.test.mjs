/**
 * A connection that is lost while the account's keys change: what a person has on paper holds in the end, and nobody throws a
 * paper away that does.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { refuses } from "./harness/broken.mjs";
import { ACCOUNT, ANOTHER, LABEL, PASSPHRASE, PHRASE } from "./harness/person.mjs";
import { World } from "./harness/world.mjs";

/** No step makes more requests. */
const MOST = 8;
const WAYS = ["cutRequest", "loseReply"];
const CHANGE = "/v1/account/recovery-code";
const REOPEN = '[data-part="reopen"]';

const texts = JSON.parse(await readFile(new URL("../../src/texts/en.json", import.meta.url), "utf8"));

async function begin(t) {
  const person = await (await World.of(t)).person();
  return { wire: person.wire, person };
}

/** Each place at which a step can break off, until one goes through; `turn` says whether it was broken off. */
async function everywhere(turn) {
  const met = [];
  for (let nth = 1; nth <= MOST; nth += 1) {
    for (const way of WAYS) {
      if (!(await turn(way, nth, (what) => met.push(what)))) {
        return met;
      }
    }
  }
  return assert.fail("the step makes no end of requests");
}

/** Holds a request back until `goOn`; it arrives at the vault then, whatever became of the page. */
function holdsBack(wire, url) {
  const passed = () => wire.passed.filter((one) => one.url === url).length;
  const before = passed();
  let goOn;
  let begin;
  const gate = new Promise((resolve) => (goOn = resolve));
  const begun = new Promise((resolve) => (begin = resolve));
  wire.answer(async (asked) => {
    if (asked.method === "POST" && asked.url === url) {
      begin();
      await gate;
    }
    return null;
  });
  const arrived = async () => {
    while (passed() === before) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { begun, goOn, arrived };
}

/** What comes first: the screen, or a failure, by its code. */
async function comes(person, screen) {
  const { page } = person;
  await page.locator('[data-screen] .actions [aria-disabled="true"], [data-do="finish"][aria-disabled="true"]').waitFor({ state: "detached" });
  const seen = page.locator(`[data-screen="${screen}"]`);
  await seen.or(page.locator("[data-failure]")).first().waitFor();
  return (await seen.isVisible()) ? screen : person.failure();
}

/** Opens the account inside of the step; whether the passphrase did. */
async function reopens(person, passphrase) {
  const panel = person.page.locator(REOPEN);
  await panel.locator('input[type="password"]').fill(passphrase);
  await person.does("reopen");
  const busy = panel.locator('[data-do="reopen"][aria-disabled="true"]');
  await busy.waitFor();
  await busy.waitFor({ state: "detached" });
  return (await panel.count()) === 0;
}

/** Draws a code and writes it down; then the vault, or its answer, is lost, and the person goes on until the code holds. */
async function renews(person, { way, nth, met, screen }) {
  const { wire, page } = person;
  await person.does(screen);
  await person.sees(screen);
  await person.does("draw");
  const code = await person.writesCodeDown();
  await page.locator('[data-do="finish"]').waitFor();
  wire[way](nth);
  await person.does("finish");
  let ended = await comes(person, "login");
  const isBroken = wire.isDown;
  if (ended !== "login" && nth === 2) {
    // Still without a network: nothing is known that was not known before.
    await person.does("finish");
    const said = await comes(person, "login");
    assert.ok(["offline", "unreachable"].includes(said), said);
    await page.locator('[data-holds="unsure"]').waitFor();
    met("asked in vain");
  }
  wire.heal();
  for (let tries = 0; ended !== "login"; tries += 1) {
    assert.ok(tries < 4, `${way} ${nth}: ${ended}`);
    met(ended);
    if (ended === "locked") {
      // The code itself has shown that it does not hold, and that is what the person reads.
      await page.locator('[data-holds="not-yet"]').waitFor();
      assert.ok(await reopens(person, PASSPHRASE));
    }
    await person.does("finish");
    ended = await comes(person, "login");
  }
  return { code, isBroken };
}

/** Goes in by the code, from wherever the page is. */
async function recovers(person, code) {
  await person.open();
  await person.fillsRecovery(code);
  await person.does("submit");
  await person.sees("account");
}

test("a new recovery code: the one that is on paper holds in the end", async (t) => {
  const { person } = await begin(t);
  let former = await person.registers();
  await person.saves(LABEL, PHRASE);
  const met = await everywhere(async (way, nth, met) => {
    const { code, isBroken } = await renews(person, { way, nth, met, screen: "recovery-code" });
    await person.open();
    await person.fillsRecovery(former);
    await person.does("submit");
    await person.fails("recovery-refused");
    await recovers(person, code);
    former = code;
    return isBroken;
  });
  for (const what of ["unreachable", "recovery-code-unconfirmed", "locked", "asked in vain"]) {
    assert.ok(met.includes(what), `${what} was met: ${met}`);
  }
  assert.equal(await person.reads(), PHRASE);
  await person.leavesNoTrace({ failures: true });
});

test("a new recovery code that is on its way when its screen is left, or another tab goes on, may hold", async (t) => {
  const { wire, person } = await begin(t);
  await person.registers();
  const noticed = async (way) => {
    const notice = person.page.locator("[data-notice]");
    await notice.waitFor();
    assert.equal((await notice.textContent()).trim(), texts.code.unsure, way);
  };
  for (const way of ["back", "another tab"]) {
    await person.does("recovery-code");
    await person.sees("recovery-code");
    await person.does("draw");
    const code = await person.writesCodeDown();
    const sent = holdsBack(wire, CHANGE);
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
    await recovers(person, code);
  }
  await person.leavesNoTrace({ failures: true });
});

test("a recovery code that the vault says it has is asked whether it holds", async (t) => {
  const { wire, person } = await begin(t);
  await person.registers();
  await person.does("recovery-code");
  await person.sees("recovery-code");
  await person.does("draw");
  const code = await person.writesCodeDown();
  // As where a try that was lost arrives between two others.
  refuses(wire, ["POST", CHANGE], 400, "malformed", { field: "recovery_locator" });
  await person.does("finish");
  await person.fails("locked");
  assert.ok(wire.passed.some(({ url, status }) => url === "/v1/recovery" && status === 401), "the code itself was tried");
  wire.heal();
  await reopens(person, PASSPHRASE);
  await person.does("finish");
  await person.sees("login");
  await recovers(person, code);
  await person.leavesNoTrace({ failures: true });
});

test("new keys: code and enrolment hold in the end", async (t) => {
  const { person } = await begin(t);
  await person.registers();
  await person.saves(LABEL, PHRASE);
  await person.does("enrol");
  await person.chooses("permission", "restore");
  await person.does("submit");
  await person.sees("account");
  const met = await everywhere(async (way, nth, met) => {
    const { code, isBroken } = await renews(person, { way, nth, met, screen: "rekey" });
    await recovers(person, code);
    // This browser is enrolled under the new keys.
    await person.open();
    await person.does("open");
    await person.sees("account");
    assert.equal(await person.reads(), PHRASE);
    await person.open();
    await person.logsIn({ restore: false });
    return isBroken;
  });
  for (const what of ["unreachable", "rekey-unconfirmed", "locked", "asked in vain"]) {
    assert.ok(met.includes(what), `${what} was met: ${met}`);
  }
  await person.leavesNoTrace({ failures: true });
});

test("a change of the passphrase is finished where it was begun", async (t) => {
  const { wire, person } = await begin(t);
  const met = await everywhere(async (way, nth, met) => {
    // Tries whose answers are lost count, too: each turn has a budget of its own.
    const account = `${ACCOUNT}-${way}-${nth}`.toLowerCase();
    await person.registers({ account });
    await person.does("passphrase");
    await person.sees("passphrase");
    await person.chooses("choice", "own");
    await person.types("passphrase", ANOTHER);
    await person.types("repeat", ANOTHER);
    wire[way](nth);
    await person.does("submit");
    let ended = await comes(person, "login");
    const isBroken = wire.isDown;
    wire.heal();
    for (let tries = 0; ended !== "login"; tries += 1) {
      assert.ok(tries < 4, `${way} ${nth}: ${ended}`);
      met(ended);
      // What was typed is there still; who opens the account by the new passphrase sees that it holds.
      if (ended === "locked") {
        if (await reopens(person, ANOTHER)) {
          met("held");
          break;
        }
        assert.ok(await reopens(person, PASSPHRASE));
      }
      await person.does("submit");
      ended = await comes(person, "login");
    }
    await person.open();
    await person.fillsLogin({ passphrase: ANOTHER });
    await person.does("submit");
    await person.sees("account");
    await person.locks();
    await person.forgets();
    return isBroken;
  });
  for (const what of ["unreachable", "passphrase-unconfirmed", "locked", "held"]) {
    assert.ok(met.includes(what), `${what} was met: ${met}`);
  }
  await person.leavesNoTrace({ failures: true });
});

test("an account that is deleted is gone, once", async (t) => {
  const { wire, person } = await begin(t);
  const met = await everywhere(async (way, nth, met) => {
    // The name is free again each time.
    await person.registers();
    await person.does("delete");
    await person.sees("delete");
    await person.types("word", "delete");
    wire[way](nth);
    await person.does("submit");
    let ended = await comes(person, "welcome");
    const isBroken = wire.isDown;
    wire.heal();
    for (let tries = 0; ended !== "welcome"; tries += 1) {
      assert.ok(tries < 4, `${way} ${nth}: ${ended}`);
      met(ended);
      if (ended === "locked" && !(await reopens(person, PASSPHRASE))) {
        met("gone");
        await person.open();
        await person.forgets();
        break;
      }
      await person.does("submit");
      ended = await comes(person, "welcome");
    }
    return isBroken;
  });
  for (const what of ["unreachable", "deletion-unconfirmed", "locked", "gone"]) {
    assert.ok(met.includes(what), `${what} was met: ${met}`);
  }
  await person.leavesNoTrace({ failures: true });
});

test("an account whose recovery code nobody saw says so, until there is one on paper", async (t) => {
  const { wire, person } = await begin(t);
  const notice = () => person.page.locator('[data-part="code-unconfirmed"]');
  let made = 0;
  await everywhere(async (way, nth) => {
    const account = `${ACCOUNT}-${way}-${nth}`.toLowerCase();
    await person.fillsRegistration({ account });
    wire[way](nth);
    await person.does("submit");
    const covered = person.page.locator('[data-do="show-code"]');
    await covered.or(person.page.locator("[data-failure]")).first().waitFor();
    const isBroken = wire.isDown;
    wire.heal();
    // The tab is ended, and what it held is gone: the code of an account that was made has never been seen.
    await person.page.close({ runBeforeUnload: false });
    person.page = await person.phone.context.newPage();
    await person.open();
    await person.fillsLogin({ account });
    await person.does("submit");
    if ((await comes(person, "account")) !== "account") {
      await person.fails("passphrase-or-account");
      await person.open();
      return isBroken;
    }
    made += 1;
    await notice().waitFor();
    await person.does("new-code");
    await person.sees("recovery-code");
    await person.does("draw");
    const code = await person.writesCodeDown();
    await person.does("finish");
    await person.sees("login");
    await recovers(person, code);
    assert.equal(await notice().count(), 0);
    await person.locks();
    await person.forgets();
    return isBroken;
  });
  assert.ok(made >= 3, `${made} accounts were made`);
  await person.leavesNoTrace({ failures: true });
});

test("a device that may not change the code is not offered to go on with it", async (t) => {
  for (const [permission, offered] of [["restore", 0], ["manage", 1]]) {
    const { wire, person } = await begin(t);
    await person.registers();
    await person.enrols(permission);
    await person.does("recovery-code");
    await person.sees("recovery-code");
    await person.does("draw");
    await person.writesCodeDown();
    refuses(wire, ["GET", "/v1/account"], 401, "session-ended");
    await person.does("finish");
    await person.fails("session-ended");
    assert.equal(await person.page.locator('[data-do="reopen-device"]').count(), offered, permission);
    wire.heal();
    await reopens(person, PASSPHRASE);
    await person.does("finish");
    await person.sees("login");
    await person.leavesNoTrace({ failures: true });
  }
});

test("who goes back while an account is made sees its recovery code all the same", async (t) => {
  const { wire, person } = await begin(t);
  await person.fillsRegistration();
  const sent = holdsBack(wire, "/v1/registration/finish");
  await person.does("submit");
  await sent.begun;
  await person.does("back");
  await person.sees("welcome");
  sent.goOn();
  const code = await person.writesCodeDown();
  await person.sees("account");
  await recovers(person, code);
  await person.leavesNoTrace();
});

test("a code is not called that of an account which was made with another one", async (t) => {
  const { wire, person } = await begin(t);
  // The answer of each attempt is lost; the page, and with it the first one's code, goes in between.
  for (const _ of ["first", "second"]) {
    await person.open();
    await person.fillsRegistration();
    wire.breaksAt("lose", "POST", "/v1/registration/finish");
    await person.does("submit");
    await person.failure();
    assert.ok(wire.isDown);
    wire.heal();
  }
  await person.does("submit");
  await person.page.locator('[data-do="show-code"], [data-failure="name-taken"]').first().waitFor();
  await person.fails("name-taken");
  await person.open();
  await person.logsIn();
  await person.page.locator('[data-part="code-unconfirmed"]').waitFor();
  await person.leavesNoTrace({ failures: true });
});

test("a new account's code waits where another tab took over", async (t) => {
  const { person } = await begin(t);
  await person.fillsRegistration();
  await person.does("submit");
  await person.page.locator('[data-do="show-code"]').waitFor();
  const other = await person.tab();
  await other.sees("elsewhere");
  await other.does("here");
  await other.sees("welcome");
  await person.sees("elsewhere");
  await person.does("here");
  const code = await person.writesCodeDown();
  await person.sees("login");
  await other.page.close();
  await recovers(person, code);
  await person.leavesNoTrace();
});

test("who leaves a new code before it holds reads that it does not", async (t) => {
  const { person } = await begin(t);
  const former = await person.registers();
  await person.does("recovery-code");
  await person.does("draw");
  const dropped = await person.writesCodeDown();
  await person.page.locator('[data-do="finish"]').waitFor();
  const other = await person.tab();
  await other.does("here");
  await other.sees("welcome");
  await person.sees("elsewhere");
  await person.page.locator("[data-notice]", { hasText: "do not hold" }).waitFor();
  await other.fillsRecovery(dropped);
  await other.does("submit");
  await other.fails("recovery-refused");
  await recovers(other, former);
  await person.leavesNoTrace({ failures: true });
});

test("a registration that is tried again with another passphrase keeps the code of the first", async (t) => {
  const { wire, person } = await begin(t);
  await person.fillsRegistration();
  // The vault's description, the beginning, and the end, which makes the account.
  wire.loseReply(3);
  await person.does("submit");
  await person.fails("outcome-unknown");
  wire.heal();
  const submits = async (passphrase) => {
    await person.types("passphrase", passphrase);
    await person.types("repeat", passphrase);
    await person.does("submit");
  };
  await submits(ANOTHER);
  await person.page.locator('[data-failure="passphrase-or-account"]').waitFor();
  await submits(PASSPHRASE);
  const code = await person.writesCodeDown();
  await person.sees("account");
  await recovers(person, code);
  await person.leavesNoTrace({ failures: true });
});
