/** What a person copies from the page, in the clipboard that all pages share. */

import assert from "node:assert/strict";
import http from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { LABEL, PHRASE, Person } from "./harness/person.mjs";
import { folder } from "./harness/programs.mjs";
import { Vault } from "./harness/vault.mjs";
import { Wire } from "./harness/wire.mjs";

/** Another page of the same browser, which may read the clipboard. */
async function wallet(t, person) {
  const server = http.createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>Wallet</h1>"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${server.address().port}`;
  const { context } = person.phone;
  await context.grantPermissions(["clipboard-read"], { origin });
  await context.grantPermissions(["clipboard-write"], { origin: person.at });
  const page = await context.newPage();
  await page.goto(origin);
  return {
    async reads() {
      await page.bringToFront();
      return page.evaluate(() => navigator.clipboard.readText());
    },
  };
}

test("what was copied leaves the clipboard with the page that is left", async (t) => {
  const home = await folder(t);
  const vault = await Vault.start(t, home);
  const person = await Person.with(t, join(home, "phone"), await Wire.open(t, vault.port));
  const { page } = person;
  await person.registers();
  await person.saves(LABEL, PHRASE);
  const other = await wallet(t, person);

  await page.bringToFront();
  await page.locator('[data-do="entry"]').click();
  await person.sees("entry");
  await person.does("show");
  await page.locator("[data-secret]").waitFor();
  await person.does("copy");
  await page.getByText("It leaves the clipboard").waitFor();
  assert.equal(await other.reads(), PHRASE);
  await page.bringToFront();
  await page.goto("about:blank");
  // The browser clears it beside what the page does.
  for (let tries = 0; (await other.reads()) !== ""; tries += 1) {
    assert.ok(tries < 100, "it is in the clipboard still");
  }
});
