/** A connection that is lost in the middle of any step: the same step is offered again, and then it is done, once. */

import assert from "node:assert/strict";
import { breaksEverywhere, LOST } from "./harness/broken.mjs";
import { LABEL, LONG_PHRASE, PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { World } from "./harness/world.mjs";

test("a registration", async (t) => {
  const person = await (await World.of(t)).person();
  const broken = await breaksEverywhere(person, {
    does: "confirm-code",
    prepare: async ({ account }) => {
      await person.fillsRegistration({ account });
      await person.does("submit");
      await person.writesCodeDown();
    },
    done: () => person.page.locator('[data-screen="account"]').waitFor(),
    finished: async () => {
      await person.locks();
      await person.forgets();
    },
  });
  assert.ok(broken >= 4, `broken off ${broken} times`);
  await person.leavesNoTrace({ failures: true });
});

test("a save, which is done once", async (t) => {
  const person = await (await World.of(t)).person();
  await person.registers();
  const saved = [];
  const broken = await breaksEverywhere(person, {
    prepare: async ({ name }) => {
      saved.push(name);
      await person.fillsEntry(name, LONG_PHRASE);
    },
    done: () => person.page.locator('[data-screen="account"]').waitFor(),
    finished: async () => assert.deepEqual((await person.labels()).toSorted(), saved.toSorted()),
  });
  assert.ok(broken >= 2, `broken off ${broken} times`);
  await person.leavesNoTrace({ failures: true });
});

test("a login and a restore", async (t) => {
  const world = await World.of(t);
  const owner = await world.owner("owner");
  await owner.phone.off();
  const person = await world.person();
  person.codes = owner.codes;
  const broken = await breaksEverywhere(person, {
    prepare: () => person.fillsLogin(),
    done: () => person.page.locator('[data-screen="account"]').waitFor(),
    finished: async () => {
      assert.equal(await person.reads(), PHRASE);
      await person.locks();
      await person.forgets();
    },
  });
  assert.ok(broken >= 4, `broken off ${broken} times`);
  await person.leavesNoTrace({ failures: true });
});

test("a recovery, and the passphrase after it", async (t) => {
  const person = await (await World.of(t)).person();
  const code = await person.registers();
  await person.saves(LABEL, PHRASE);
  await person.locks();
  await person.forgets();
  const broken = await breaksEverywhere(person, {
    prepare: () => person.fillsRecovery(code),
    done: () => person.page.locator('[data-screen="account"]').waitFor(),
    finished: async () => {
      assert.equal(await person.reads(), PHRASE);
      await person.locks();
      await person.forgets();
    },
  });
  assert.ok(broken >= 2, `broken off ${broken} times`);

  // Whoever has forgotten the account's name, too, is told so before, and has a way in.
  await person.recovers(code);
  await person.does("set-passphrase");
  await person.page.locator('[data-part="name-required"] [data-do="enrol"]').click();
  await person.sees("enrol");
  await person.chooses("permission", "manage");
  await person.does("submit");
  await person.sees("account");
  await person.does("set-passphrase");
  await person.sees("passphrase");
  await person.takesOffered();
  await person.does("submit");
  await person.sees("welcome");
  await person.does("open");
  await person.sees("account");
  await person.leavesNoTrace({ failures: true });
});

test("without a network the page opens and says so", async (t) => {
  const person = await (await World.of(t)).person();
  const { wire } = person;
  await person.registers();
  await person.page.waitForFunction(async () => (await navigator.serviceWorker.ready).active !== null);
  await person.phone.context.setOffline(true);
  wire.fail();
  await person.page.reload();
  await person.sees("welcome");
  await person.page.locator("[data-offline]").waitFor();
  await person.fillsLogin();
  await person.does("submit");
  assert.ok(LOST.includes(await person.failure()));
  await person.phone.context.setOffline(false);
  wire.heal();
  await person.page.locator("[data-offline]").waitFor({ state: "detached" });
  await person.does("submit");
  await person.sees("account");
  await person.leavesNoTrace({ failures: true });
});
