/** A connection that is lost in the middle of any step: the same step is offered again, and then it is done, once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { breaksEverywhere, LOST, MOST } from "./harness/broken.mjs";
import { ANOTHER, LABEL, LONG_PHRASE, PASSPHRASE, PHRASE } from "./harness/person.mjs";
import { World } from "./harness/world.mjs";

test("a registration", async (t) => {
  const world = await World.of(t);
  const { wire } = world;
  const person = await world.person();
  let account = "";
  const broken = await breaksEverywhere(wire, person, {
    prepare: async (turn) => {
      account = turn.replace(" ", "-");
      await person.fillsRegistration({ account });
    },
    again: () => person.does("submit"),
    done: () => person.page.locator('[data-do="show-code"]').waitFor(),
    finished: async () => {
      await person.writesCodeDown();
      await person.sees("account");
      await person.locks();
      await person.forgets();
    },
  });
  assert.ok(broken >= 4, `broken off ${broken} times`);
  await person.leavesNoTrace({ failures: true });
});

test("a save, which is done once", async (t) => {
  const world = await World.of(t);
  const { wire } = world;
  const person = await world.person();
  await person.registers();
  const saved = [];
  const broken = await breaksEverywhere(wire, person, {
    prepare: async (turn) => {
      saved.push(turn);
      await person.fillsEntry(turn, LONG_PHRASE);
    },
    again: () => person.does("submit"),
    done: () => person.page.locator('[data-screen="account"]').waitFor(),
    finished: async () => assert.deepEqual((await person.labels()).toSorted(), saved.toSorted()),
  });
  assert.ok(broken >= 2, `broken off ${broken} times`);
  await person.leavesNoTrace({ failures: true });
});

test("a login and a restore", async (t) => {
  const world = await World.of(t);
  const { wire } = world;
  const owner = await world.owner("owner");
  await owner.phone.off();
  const person = await world.person();
  person.codes = owner.codes;
  const broken = await breaksEverywhere(wire, person, {
    prepare: () => person.fillsLogin(),
    again: () => person.does("submit"),
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
  const world = await World.of(t);
  const { wire } = world;
  const person = await world.person();
  const code = await person.registers();
  await person.saves(LABEL, PHRASE);
  await person.locks();
  await person.forgets();
  const recovered = await breaksEverywhere(wire, person, {
    prepare: () => person.fillsRecovery(code),
    again: () => person.does("submit"),
    done: () => person.page.locator('[data-screen="account"]').waitFor(),
    finished: async () => {
      assert.equal(await person.reads(), PHRASE);
      await person.locks();
      await person.forgets();
    },
  });
  assert.ok(recovered >= 2, `broken off ${recovered} times`);

  // Whoever has forgotten the account's name, too, is told so before, and has a way in.
  await person.fillsRecovery(code);
  await person.does("submit");
  await person.sees("account");
  await person.does("set-passphrase");
  await person.page.locator('[data-part="name-needed"] [data-do="enrol"]').click();
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

test("a change of the passphrase: the new one holds, or the old one does", async (t) => {
  const world = await World.of(t);
  const { wire } = world;
  const person = await world.person();
  await person.registers();
  let [now, next] = [PASSPHRASE, ANOTHER];
  let changes = 0;
  for (let nth = 1; nth <= MOST; nth += 1) {
    await person.does("passphrase");
    await person.sees("passphrase");
    await person.chooses("choice", "own");
    await person.types("passphrase", next);
    await person.types("repeat", next);
    wire.loseReply(nth);
    await person.does("submit");
    const changed = person.page.locator('[data-screen="login"]').waitFor();
    const ended = await Promise.race([changed.then(() => "done"), person.failure()]);
    const isBroken = wire.isDown;
    wire.heal();
    if (ended !== "done") {
      // What the page advises where it cannot know: the new one, and if that fails, the old one.
      assert.ok(LOST.includes(ended), `${nth}: ${ended}`);
      await person.open();
      await person.does("login");
    }
    for (const passphrase of [next, now]) {
      await person.types("passphrase", passphrase);
      await person.does("submit");
      const opened = person.page.locator('[data-screen="account"]').waitFor().then(() => "opened");
      const refused = person.page.locator('[data-failure="passphrase-or-account"]').waitFor().then(() => "refused");
      if ((await Promise.race([opened, refused])) === "opened") {
        if (passphrase === next) {
          [now, next] = [next, now];
          changes += 1;
        }
        break;
      }
    }
    await person.sees("account");
    if (!isBroken) {
      assert.ok(nth > 2 && changes > 1, `${changes} changes in ${nth} turns`);
      return person.leavesNoTrace({ failures: true });
    }
  }
  return assert.fail("a change makes no end of requests");
});

test("without a network the page opens and says so", async (t) => {
  const world = await World.of(t);
  const { wire } = world;
  const person = await world.person();
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
