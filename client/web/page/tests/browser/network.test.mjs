/** A connection that is lost in the middle of any step: the same step is offered again, and then it is done, once. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ANOTHER, LABEL, LONG_PHRASE, PASSPHRASE, PHRASE, Person } from "./harness/person.mjs";
import { folder } from "./harness/programs.mjs";
import { Vault } from "./harness/vault.mjs";
import { Wire } from "./harness/wire.mjs";

/** No step makes more requests. */
const MOST = 12;
/** What a step without a network ends with. */
const LOST = ["offline", "unreachable"];

async function world(t) {
  const home = await folder(t);
  const vault = await Vault.start(t, home);
  const wire = await Wire.open(t, vault.port);
  return { home, wire };
}

/**
 * Plays a step again and again: each time another request, or its answer, is where the network fails. `prepare` leads to the
 * form, `again` sends it, `done` waits for its end. Says how often it was broken off.
 */
async function breaksEverywhere(wire, person, { prepare, again, done, finished }) {
  let broken = 0;
  for (let nth = 1; nth <= MOST; nth += 1) {
    for (const way of ["cutRequest", "loseReply"]) {
      await prepare(`${way} ${nth}`);
      wire[way](nth);
      await again();
      const ended = await Promise.race([done().then(() => "done"), person.failure()]);
      if (ended === "done") {
        assert.equal(wire.isDown, false, `${way} ${nth} goes unnoticed`);
        wire.heal();
        await finished();
        return broken;
      }
      assert.ok(LOST.includes(ended), `${way} ${nth}: ${ended}`);
      broken += 1;
      wire.heal();
      await again();
      await done();
      await finished();
    }
  }
  return assert.fail("the step makes no end of requests");
}

test("a registration", async (t) => {
  const { home, wire } = await world(t);
  const person = await Person.with(t, join(home, "phone"), wire);
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
      await forgets(person);
    },
  });
  assert.ok(broken >= 4, `broken off ${broken} times`);
  await person.leavesNoTrace({ failures: true });
});

/** Everything that the browser keeps goes. */
async function forgets(person) {
  await person.locks();
  await person.does("settings");
  await person.does("forget");
  await person.does("confirm-forget");
  await person.sees("welcome");
}

test("a save, which is done once", async (t) => {
  const { home, wire } = await world(t);
  const person = await Person.with(t, join(home, "phone"), wire);
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
  const { home, wire } = await world(t);
  const owner = await Person.with(t, join(home, "owner"), wire);
  await owner.registers();
  await owner.saves(LABEL, PHRASE);
  await owner.phone.off();
  const person = await Person.with(t, join(home, "phone"), wire);
  person.codes = owner.codes;
  const broken = await breaksEverywhere(wire, person, {
    prepare: () => person.fillsLogin(),
    again: () => person.does("submit"),
    done: () => person.page.locator('[data-screen="account"]').waitFor(),
    finished: async () => {
      assert.equal(await person.reads(), PHRASE);
      await forgets(person);
    },
  });
  assert.ok(broken >= 4, `broken off ${broken} times`);
  await person.leavesNoTrace({ failures: true });
});

test("a recovery, and the passphrase after it", async (t) => {
  const { home, wire } = await world(t);
  const person = await Person.with(t, join(home, "phone"), wire);
  const code = await person.registers();
  await person.saves(LABEL, PHRASE);
  await forgets(person);
  const recovered = await breaksEverywhere(wire, person, {
    prepare: () => person.fillsRecovery(code),
    again: () => person.does("submit"),
    done: () => person.page.locator('[data-screen="account"]').waitFor(),
    finished: async () => {
      assert.equal(await person.reads(), PHRASE);
      await forgets(person);
    },
  });
  assert.ok(recovered >= 2, `broken off ${recovered} times`);

  let [now, next] = [PASSPHRASE, ANOTHER];
  await person.logsIn({ restore: false });
  const changed = await breaksEverywhere(wire, person, {
    prepare: async () => {
      await person.does("passphrase");
      await person.sees("passphrase");
      await person.chooses("choice", "own");
      await person.types("passphrase", next);
      await person.types("repeat", next);
    },
    again: () => person.does("submit"),
    done: () => person.page.locator('[data-screen="login"]').waitFor(),
    finished: async () => {
      [now, next] = [next, now];
      await person.types("passphrase", now);
      await person.does("submit");
      await person.sees("account");
    },
  });
  assert.ok(changed >= 4, `broken off ${changed} times`);
  await person.leavesNoTrace({ failures: true });
});

test("without a network the page opens and says so", async (t) => {
  const { home, wire } = await world(t);
  const person = await Person.with(t, join(home, "phone"), wire);
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
