/**
 * A registration of which it is not known whether it was made, or that is left while it is: who has an account has the paper that
 * opens it, or is told that there is none.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { everywhere } from "./harness/broken.mjs";
import { ANOTHER, PASSPHRASE } from "./harness/person.mjs";
import { World } from "./harness/world.mjs";

test("an account whose recovery code nobody saw says so, until there is one on paper", async (t) => {
  const person = await (await World.of(t)).person();
  const notice = () => person.page.locator('[data-part="code-unconfirmed"]');
  let made = 0;
  await everywhere(person.wire, async ({ account, breaks, heals }) => {
    await person.fillsRegistration({ account });
    breaks();
    await person.does("submit");
    const covered = person.page.locator('[data-do="show-code"]');
    await covered.or(person.page.locator("[data-failure]")).first().waitFor();
    heals();
    // The tab is ended, and what it held is gone: the code of an account that was made has never been seen.
    await person.page.close({ runBeforeUnload: false });
    person.page = await person.phone.context.newPage();
    await person.open();
    await person.fillsLogin({ account });
    await person.does("submit");
    if ((await person.comes("account")) !== "account") {
      await person.fails("passphrase-or-account");
      return person.open();
    }
    made += 1;
    await notice().waitFor();
    await person.does("new-code");
    await person.sees("recovery-code");
    await person.does("draw");
    const code = await person.writesCodeDown();
    await person.does("finish");
    await person.sees("login");
    await person.recovers(code);
    assert.equal(await notice().count(), 0);
    await person.locks();
    return person.forgets();
  });
  assert.ok(made >= 3, `${made} accounts were made`);
  await person.leavesNoTrace({ failures: true });
});

test("who goes back while an account is made sees its recovery code all the same", async (t) => {
  const person = await (await World.of(t)).person();
  const { wire } = person;
  await person.fillsRegistration();
  const sent = wire.holdsBack("POST", "/v1/registration/finish");
  await person.does("submit");
  await sent.begun;
  await person.does("back");
  await person.sees("welcome");
  sent.goOn();
  const code = await person.writesCodeDown();
  await person.sees("account");
  await person.recovers(code);
  await person.leavesNoTrace();
});

test("a code is not called that of an account which was made with another one", async (t) => {
  const person = await (await World.of(t)).person();
  const { wire } = person;
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
  const person = await (await World.of(t)).person();
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
  await person.recovers(code);
  await person.leavesNoTrace();
});

test("a registration that is tried again with another passphrase keeps the code of the first", async (t) => {
  const person = await (await World.of(t)).person();
  const { wire } = person;
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
  await person.recovers(code);
  await person.leavesNoTrace({ failures: true });
});
