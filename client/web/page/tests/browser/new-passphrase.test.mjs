/** A connection that is lost while the passphrase changes: the new one holds, or the old one does, and a person finds out which. */

import assert from "node:assert/strict";
import { assertMet, everywhere, goesOn, LOST } from "./harness/broken.mjs";
import { ANOTHER, PASSPHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { World } from "./harness/world.mjs";

test("a change that was broken off: the new one holds, or the old one does", async (t) => {
  const person = await (await World.of(t)).person();
  const { page } = person;
  const [now, next] = [PASSPHRASE, ANOTHER];
  let changes = 0;
  const turn = async (place) => {
    // A change costs an attempt: each turn has a name of its own.
    await person.registers({ account: place.account });
    await person.goesTo("passphrase");
    await person.thinksOf(next);
    place.breaks();
    await person.does("submit");
    const ended = await person.comes("login");
    place.heals();
    if (ended !== "login") {
      // What the page advises where it cannot know: the new one, and if that fails, the old one.
      assert.ok(LOST.includes(ended), `${place.name}: ${ended}`);
      await person.open();
      await person.does("login");
    }
    for (const passphrase of [next, now]) {
      await person.types("passphrase", passphrase);
      await person.does("submit");
      const opened = page.locator('[data-screen="account"]').waitFor().then(() => "opened");
      const refused = page.locator('[data-failure="passphrase-or-account"]').waitFor().then(() => "refused");
      if ((await Promise.race([opened, refused])) === "opened") {
        changes += passphrase === next ? 1 : 0;
        break;
      }
    }
    await person.sees("account");
    await person.locks();
    await person.forgets();
  };
  const { broken } = await everywhere(person.wire, turn, { ways: ["loseReply"] });
  assert.ok(broken >= 2 && changes > 1, `${changes} changes, broken off ${broken} times`);
  await person.leavesNoTrace({ failures: true });
});

test("a change is finished where it was begun", async (t) => {
  const person = await (await World.of(t)).person();
  const { seen } = await everywhere(person.wire, async (place) => {
    // Tries whose answers are lost count, too: each turn has a budget of its own.
    await person.registers({ account: place.account });
    await person.goesTo("passphrase");
    await person.thinksOf(ANOTHER);
    place.breaks();
    await person.does("submit");
    // What was typed is there still; who opens the account by the new passphrase sees that it holds.
    const between = async (ended) => {
      if (ended === "locked") {
        if (await person.reopens(ANOTHER)) {
          place.met("held");
          return "over";
        }
        assert.ok(await person.reopens());
      }
      return "again";
    };
    await goesOn(person, place, { again: "submit", screen: "login", between });
    await person.open();
    await person.logsIn({ passphrase: ANOTHER });
    await person.locks();
    await person.forgets();
  });
  assertMet(seen, "unreachable", "passphrase-unconfirmed", "locked", "held");
  await person.leavesNoTrace({ failures: true });
});
