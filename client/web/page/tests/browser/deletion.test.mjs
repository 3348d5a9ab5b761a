/** An account that is deleted while the connection is lost: it is gone, and the page knows. */

import { test } from "node:test";
import { assertMet, everywhere, goesOn } from "./harness/broken.mjs";
import { World } from "./harness/world.mjs";

test("an account that is deleted is gone, once", async (t) => {
  const person = await (await World.of(t)).person();
  const { seen } = await everywhere(person.wire, async (place) => {
    // The name is free again each time.
    await person.registers();
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
