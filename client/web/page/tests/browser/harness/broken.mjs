/** Steps during which the network is lost, at each of their requests. */

import assert from "node:assert/strict";
import { ACCOUNT } from "./person.mjs";

/** No step makes more requests. */
const MOST = 12;
const WAYS = ["cutRequest", "loseReply"];
/** What a step without a network ends with. */
export const LOST = ["offline", "unreachable", "unconfirmed", "devices-unconfirmed", "passphrase-unconfirmed", "outcome-unknown"];

/**
 * Plays a step again and again: each time another request, or its answer, is where the network fails, until a step goes through.
 * `turn` plays it and is given its place: `name`, `nth`, an `account` that no other turn has, `breaks()`, after which the network
 * will fail there, and `heals()`. Gives how often it was broken off, and all that turns have `met(…)`.
 */
export async function everywhere(wire, turn, { ways = WAYS } = {}) {
  const seen = [];
  let broken = 0;
  for (let nth = 1; nth <= MOST; nth += 1) {
    for (const way of ways) {
      let isBroken = false;
      await turn({
        name: `${way} ${nth}`,
        nth,
        account: `${ACCOUNT}-${way}-${nth}`.toLowerCase(),
        breaks: () => wire[way](nth),
        heals: () => {
          isBroken = wire.isDown;
          wire.heal();
        },
        met: (what) => seen.push(what),
      });
      // All requests have passed: there is no further place to break off at.
      if (!isBroken) {
        return { broken, seen };
      }
      broken += 1;
    }
  }
  return assert.fail("the step makes no end of requests");
}

/**
 * Goes on with a step that was broken off until it leads to the screen. `meanwhile` is given how it ended and is done while the network
 * is still gone; `between` is what each end calls for before the step is done `again`, and may say that it is `"over"`.
 */
export async function goesOn(person, place, { again, screen, meanwhile = () => undefined, between = () => undefined }) {
  let ended = await person.comes(screen);
  if (ended !== screen) {
    await meanwhile(ended);
  }
  place.heals();
  for (let tries = 0; ended !== screen; tries += 1) {
    assert.ok(tries < 4, `${place.name}: ${ended}`);
    place.met(ended);
    if ((await between(ended)) === "over") {
      return;
    }
    await person.does(again);
    ended = await person.comes(screen);
  }
}

/** Draws a code on a screen and writes it down; then the vault, or its answer, is lost, and the person goes on until it holds. */
export async function renews(person, screen, place) {
  const { page } = person;
  const code = await person.drawsCode(screen);
  await page.locator('[data-do="finish"]').waitFor();
  place.breaks();
  await person.does("finish");
  const meanwhile = async (ended) => {
    if (ended.endsWith("-unconfirmed")) {
      // Nothing is known that was not known before.
      await person.does("finish");
      const said = await person.comes("login");
      assert.ok(["offline", "unreachable"].includes(said), said);
      await page.locator('[data-holds="unsure"]').waitFor();
      place.met("asked in vain");
    }
  };
  const between = async (ended) => {
    if (ended === "locked") {
      // The vault does not know the code, but the next login activates it: neither paper is to be thrown away.
      await page.locator('[data-holds="unsure"]').waitFor();
      assert.ok(await person.reopens());
    }
  };
  await goesOn(person, place, { again: "finish", screen: "login", meanwhile, between });
  return code;
}

/** All of them were met. */
export function assertMet(seen, ...all) {
  for (const what of all) {
    assert.ok(seen.includes(what), `${what} was met: ${seen}`);
  }
}

/**
 * A step that is done with the second try wherever the first was broken off. `prepare` leads to the form, `done` waits for its
 * end; says how often it was broken off.
 */
export async function breaksEverywhere(person, { prepare, done, finished, does = "submit" }) {
  const { broken } = await everywhere(person.wire, async (place) => {
    await prepare(place);
    place.breaks();
    await person.does(does);
    const ended = await Promise.race([done().then(() => "done"), person.failure()]);
    place.heals();
    if (ended !== "done") {
      assert.ok(LOST.includes(ended), `${place.name}: ${ended}`);
      await person.does(does);
      await person.page.locator(`[aria-disabled="true"][data-do="${does}"]`).waitFor({ state: "detached" });
      const failed = person.page.locator("[data-failure]").first();
      const second = await Promise.race([done().then(() => "done"), failed.getAttribute("data-failure")]);
      assert.equal(second, "done", `${place.name}, again`);
    }
    await finished();
  });
  return broken;
}

/** An answer of the vault's to the next requests of this kind. */
export function refuses(wire, [method, url], status, code, more = {}) {
  const problem = { type: `urn:rootcellar:problem:${code}`, title: code, status, code, detail: code, ...more };
  const body = Buffer.from(JSON.stringify(problem));
  const headers = { "content-type": "application/problem+json", "access-control-allow-origin": "*" };
  wire.answer((asked) => (asked.method === method && asked.url === url ? { status, headers, body } : null));
}
