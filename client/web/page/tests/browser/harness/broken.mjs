/** Steps during which the network is lost, at each of their requests. */

import assert from "node:assert/strict";

/** No step makes more requests. */
export const MOST = 12;
/** What a step without a network ends with. */
export const LOST = ["offline", "unreachable", "unconfirmed", "devices-unconfirmed", "passphrase-unconfirmed", "outcome-unknown"];

/**
 * Plays a step again and again: each time another request, or its answer, is where the network fails. `prepare` leads to the
 * form, `again` sends it, `done` waits for its end. Says how often it was broken off.
 */
export async function breaksEverywhere(wire, person, { prepare, again, done, finished }) {
  let broken = 0;
  for (let nth = 1; nth <= MOST; nth += 1) {
    for (const way of ["cutRequest", "loseReply"]) {
      await prepare(`${way} ${nth}`);
      wire[way](nth);
      await again();
      const ended = await Promise.race([done().then(() => "done"), person.failure()]);
      const isBroken = wire.isDown;
      wire.heal();
      if (ended !== "done") {
        assert.ok(LOST.includes(ended), `${way} ${nth}: ${ended}`);
        await again();
        await person.page.locator('[aria-disabled="true"][data-do="submit"]').waitFor({ state: "detached" });
        const failed = person.page.locator("[data-failure]").first();
        const second = await Promise.race([done().then(() => "done"), failed.getAttribute("data-failure")]);
        assert.equal(second, "done", `${way} ${nth}, again`);
      }
      await finished();
      // All requests have passed: there is no further place to break off at.
      if (!isBroken) {
        return broken;
      }
      broken += 1;
    }
  }
  return assert.fail("the step makes no end of requests");
}

/** An answer of the vault's to the next requests of this kind. */
export function refuses(wire, [method, url], status, code, more = {}) {
  const problem = { type: `urn:rootcellar:problem:${code}`, title: code, status, code, detail: code, ...more };
  const body = Buffer.from(JSON.stringify(problem));
  const headers = { "content-type": "application/problem+json", "access-control-allow-origin": "*" };
  wire.answer((asked) => (asked.method === method && asked.url === url ? { status, headers, body } : null));
}
