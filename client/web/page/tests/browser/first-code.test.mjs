/**
 * A registration that is broken off, reloaded or left at any step: whoever has an account has the paper that opens it, or is told that
 * there is none.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { everywhere } from "./harness/broken.mjs";
import { ACCOUNT } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { World } from "./harness/world.mjs";

const FINISH = "/v1/registration/finish";
const texts = JSON.parse(await readFile(new URL("../../src/texts/en.json", import.meta.url), "utf8"));

test("a registration that is reloaded at any request leaves a paper of which the page says what it opens", async (t) => {
  const person = await (await World.of(t)).person();
  let made = 0;
  await everywhere(person.wire, async ({ name, account, breaks, heals }) => {
    await person.fillsRegistration({ account });
    await person.does("submit");
    const code = await person.writesCodeDown();
    breaks();
    await person.does("confirm-code");
    await person.page.locator('[data-failure], [data-screen="account"]').first().waitFor();
    heals();
    await person.reloads();
    await person.fillsLogin({ account });
    await person.does("submit");
    if ((await person.comes("account")) !== "account") {
      await person.fails("passphrase-or-account");
      await person.open();
      await person.page.locator('[data-part="code-notice"]').waitFor();
      await person.fillsRecovery(code);
      await person.does("submit");
      await person.fails("recovery-refused");
      await person.open();
      return person.does("dismiss-code");
    }
    made += 1;
    const notice = person.page.locator('[data-part="code-notice"]');
    assert.ok([null, "active"].includes((await notice.count()) === 0 ? null : await notice.getAttribute("data-code")), name);
    await person.recovers(code);
    await person.locks();
    return person.forgets();
  });
  assert.ok(made >= 3, `${made} accounts were made`);
  await person.leavesNoTrace({ failures: true });
});

test("a code that was not confirmed belongs to no account, and the page says so after a reload", async (t) => {
  const person = await (await World.of(t)).person();
  await person.fillsRegistration();
  await person.does("submit");
  const code = await person.writesCodeDown();
  await person.reloads();
  await person.sees("welcome");
  await person.page.locator('[data-code="unconfirmed"]').waitFor();
  await person.fillsLogin();
  await person.does("submit");
  await person.fails("passphrase-or-account");
  await person.open();
  await person.fillsRecovery(code);
  await person.does("submit");
  await person.fails("recovery-refused");
  // The page knows why.
  await person.page.locator('[data-screen="recover"] [data-code="unconfirmed"]').waitFor();
  await person.does("dismiss-code");
  await person.page.locator('[data-part="code-notice"]').waitFor({ state: "detached" });
  await person.open();
  await person.registers();
  await person.leavesNoTrace({ failures: true });
});

test("a name that is taken costs no second paper", async (t) => {
  const world = await World.of(t);
  const owner = await world.person();
  await owner.registers();
  const person = await world.person("another");
  await person.fillsRegistration();
  await person.does("submit");
  const code = await person.writesCodeDown();
  await person.does("confirm-code");
  await person.fails("name-taken");
  await person.types("username", `${ACCOUNT}-2`);
  await person.does("submit");
  await person.sees("account");
  await person.recovers(code);
  await person.leavesNoTrace({ failures: true });
});

test("a registration whose response is lost is finished by the same button", async (t) => {
  const person = await (await World.of(t)).person();
  const { wire } = person;
  await person.fillsRegistration();
  await person.does("submit");
  const code = await person.writesCodeDown();
  wire.breaksAt("lose", "POST", "/v1/registration/finish");
  await person.does("confirm-code");
  await person.fails("outcome-unknown");
  wire.heal();
  await person.does("confirm-code");
  await person.sees("account");
  await person.recovers(code);
  await person.leavesNoTrace({ failures: true });
});

test("who leaves a registration is told to keep the paper as soon as it may have been sent", async (t) => {
  const person = await (await World.of(t)).person();
  const { page, wire } = person;
  const leaves = async (text) => {
    await person.does("back");
    await page.locator("[data-notice]", { hasText: text }).waitFor();
    await person.sees("register-words");
  };
  await person.fillsRegistration();
  await person.does("submit");
  const code = await person.writesCodeDown();
  await leaves(texts.code.leave);
  const held = wire.holdsBack("POST", FINISH);
  await person.does("confirm-code");
  await held.begun();
  await leaves(texts.code.leaveUnsure);
  held.goOn();
  await person.sees("account");
  await person.locks();
  await person.forgets();

  await person.fillsRegistration({ account: `${ACCOUNT}-2` });
  await person.does("submit");
  const lost = await person.writesCodeDown();
  wire.breaksAt("lose", "POST", FINISH);
  await person.does("confirm-code");
  await person.fails("outcome-unknown");
  wire.heal();
  await leaves(texts.code.leaveUnsure);
  await person.does("back");
  await page.locator('[data-screen="welcome"] [data-code="waiting"]').waitFor();
  await person.logsIn({ account: `${ACCOUNT}-2` });
  await person.recovers(lost);
  await person.locks();
  await person.forgets();
  await person.recovers(code);
  await person.leavesNoTrace({ failures: true });
});

test("a registration that waits at a vault that is gone can be given up, and the page says what the paper is for", async (t) => {
  const person = await (await World.of(t)).person();
  const { page, wire } = person;
  const notice = page.locator('[data-part="code-notice"]');
  await person.fillsRegistration();
  await person.does("submit");
  const code = await person.writesCodeDown();
  wire.breaksAt("lose", "POST", FINISH);
  await person.does("confirm-code");
  await person.fails("outcome-unknown");
  wire.heal();
  await person.open();
  await person.fillsRegistration({ account: `${ACCOUNT}-2` });
  await person.does("submit");
  await person.fails("recovery-code-waiting");
  await person.open();
  assert.ok((await notice.textContent()).includes(wire.origin), "it says at which vault");
  await person.does("discard-code");
  assert.match(await notice.textContent(), /keep that paper/u);
  await person.does("keep-code");
  assert.equal(await page.locator('[data-do="confirm-discard-code"]').count(), 0);
  await person.does("discard-code");
  await person.does("confirm-discard-code");
  await notice.waitFor({ state: "detached" });
  // The account was made, as the page did not rule out.
  await person.recovers(code);
  await person.locks();
  await person.forgets();
  await person.registers({ account: `${ACCOUNT}-2` });
  await person.leavesNoTrace({ failures: true });
});

test("the paper of a registration that did not arrive opens the account: a recovery sends it again", async (t) => {
  const person = await (await World.of(t)).person();
  const { page, wire } = person;
  await person.fillsRegistration();
  await person.does("submit");
  const code = await person.writesCodeDown();
  wire.breaksAt("cut", "POST", FINISH);
  await person.does("confirm-code");
  await person.fails("outcome-unknown");
  wire.heal();
  await person.recovers(code);
  await page.locator('[data-code="active"]').waitFor();
  await person.locks();
  await person.logsIn();
  await person.leavesNoTrace({ failures: true });
});
