/** A connection that is lost while the account gets new keys: the new code and this browser's enrolment hold in the end. */

import assert from "node:assert/strict";
import { assertMet, everywhere, renews } from "./harness/broken.mjs";
import { PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { World } from "./harness/world.mjs";

test("new keys: code and enrolment hold in the end", async (t) => {
  const person = await (await World.of(t)).owner();
  await person.enrols("restore");
  const { seen } = await everywhere(person.wire, async (place) => {
    const code = await renews(person, "rekey", place);
    await person.recovers(code);
    // This browser is enrolled under the new keys.
    await person.open();
    await person.does("open");
    await person.sees("account");
    assert.equal(await person.reads(), PHRASE);
    await person.open();
    await person.logsIn({ restore: false });
  });
  assertMet(seen, "rekey-unconfirmed", "locked", "asked in vain");
  assert.ok(!seen.includes("unreachable"), `${seen}`);
  await person.leavesNoTrace({ failures: true });
});
