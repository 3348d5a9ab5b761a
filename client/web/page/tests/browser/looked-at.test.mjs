/** What is secret is on the screen only while somebody looks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHRASE } from "./harness/person.mjs";
import { World } from "./harness/world.mjs";

/** Another app comes before the page, or goes. */
function isHidden(page, hidden) {
  return page.evaluate((now) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => now });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

test("what nobody looks at is covered", async (t) => {
  const person = await (await World.of(t)).owner();
  const { page } = person;

  await page.locator('[data-do="entry"]').click();
  await person.sees("entry");
  // Asked for, and left before it is there.
  await page.evaluate(() => {
    document.querySelector('[data-do="show"]').click();
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.locator('[data-do="show"][aria-disabled="false"]').waitFor();
  assert.equal(await page.locator("[data-secret]").count(), 0, "it is not drawn behind what is in front");
  await isHidden(page, false);
  await person.does("show");
  await page.locator("[data-secret]").waitFor();
  await isHidden(page, true);
  await page.locator('[data-do="show"]').waitFor();
  assert.equal(await page.locator("[data-secret]").count(), 0);
  await isHidden(page, false);
  await person.does("back");

  await person.fillsEntry("Another wallet");
  const word = page.locator('[name="word-1"]');
  const isBlurred = () => word.evaluate((input) => getComputedStyle(input).filter.startsWith("blur"));
  assert.equal(await isBlurred(), false);
  await isHidden(page, true);
  await isHidden(page, false);
  assert.equal(await isBlurred(), true, "until somebody is there again");
  await page.locator("h1").tap();
  assert.equal(await isBlurred(), false);
  assert.equal(await word.inputValue(), PHRASE.split(" ")[0]);
});
