/** An account that is deleted while the connection is lost: it is gone, and the page knows. */

import { assertMet, everywhere, goesOn } from "./harness/broken.mjs";
import { test } from "./harness/test.mjs";
import { World } from "./harness/world.mjs";

test("an account that is deleted is gone, once", async (t) => {
  const person = await (await World.of(t)).person();
  const { seen } = await everywhere(person.wire, async (place) => {
    // A name of its own each time: a registration takes an attempt, which a deletion does not give back.
    await person.registers({ account: place.account });
    await person.goesTo("delete");
    await person.types("word", "delete");
    place.breaks();
    await person.does("submit");
    const between = async (ended) => {
      if (ended !== "locked" || (await person.reopens())) {
        return "again";
      }
      place.met("gone");
      await person.open();
      await person.forgets();
      return "over";
    };
    await goesOn(person, place, { again: "submit", screen: "welcome", between });
  });
  assertMet(seen, "unreachable", "deletion-unconfirmed", "locked", "gone");
  await person.leavesNoTrace({ failures: true });
});

test("the name of an account that was deleted is free", async (t) => {
  const person = await (await World.of(t)).person();
  for (let times = 0; times < 2; times += 1) {
    await person.registers();
    await person.goesTo("delete");
    await person.types("word", "delete");
    await person.does("submit");
    await person.sees("welcome");
  }
  await person.leavesNoTrace();
});
