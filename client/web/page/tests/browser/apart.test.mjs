/** The page hosted apart from the vault: an origin of its own, which the vault lets in or does not. */

import assert from "node:assert/strict";
import http from "node:http";
import { host } from "./harness/host.mjs";
import { LABEL, PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { World } from "./harness/world.mjs";

/** A vault at an address that is known before its page's, as operators have it. */
async function apart(t, lets) {
  let at;
  const flags = async (vault) => {
    at = await host(t, vault);
    return lets ? ["--page-origins", at] : [];
  };
  return { world: await World.of(t, { flags }), at };
}

test("a page of an origin that the vault lets in does everything", async (t) => {
  const { world, at } = await apart(t, true);
  const first = await world.person("first", { at });
  const code = await first.registers();
  await first.saves(LABEL, PHRASE);
  await first.leavesNoTrace();

  const second = await world.person("second", { at });
  second.codes = [code];
  await second.logsInAtTheSecondTry();
  assert.equal(await second.reads(), PHRASE);
  const asked = world.wire.passed.filter(({ method }) => method === "OPTIONS");
  assert.ok(asked.length > 0 && asked.every(({ status }) => status === 204), "the browser asks before it sends");
  await second.leavesNoTrace({ failures: true });
});

test("a page of another origin gets nothing", async (t) => {
  const { world, at } = await apart(t, false);
  const person = await world.person("phone", { at });
  await person.fillsLogin();
  await person.does("submit");
  assert.ok(["offline", "unreachable"].includes(await person.failure()));
});

test("inside another page there is nothing to press, also where the host sends no header", async (t) => {
  const { world } = await apart(t, true);
  const at = await host(t, world.wire.origin, { bare: true });
  const person = await world.person("phone", { at });
  await person.sees("welcome");
  const outer = http.createServer((_, response) => {
    response.setHeader("content-type", "text/html").end(`<iframe src="${at}/"></iframe>`);
  });
  await new Promise((resolve) => outer.listen(0, "127.0.0.1", resolve));
  t.after(() => outer.close());
  await person.page.goto(`http://localhost:${outer.address().port}/`);
  const inside = person.page.frameLocator("iframe");
  await inside.locator("[data-framed]", { hasText: /\S/ }).waitFor();
  assert.equal(await inside.locator("button, input, a").count(), 0);
});
