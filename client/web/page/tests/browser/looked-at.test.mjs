/** What is secret is on the screen only while somebody looks. */

import assert from "node:assert/strict";
import { PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { evaluates } from "./harness/within.mjs";
import { World } from "./harness/world.mjs";

/** Another app comes before the page, or goes. */
function isHidden(page, hidden) {
  return evaluates("another app comes or goes", page, (now) => {
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
  await evaluates("another app comes at once", page, () => {
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
});

test("what was typed or drawn is covered when the page is left, until somebody is there again", async (t) => {
  const person = await (await World.of(t)).person();
  const { page } = person;
  await person.registers();
  const covers = async (...selectors) => {
    const areBlurred = () =>
      evaluates(
        "what is blurred",
        page,
        (all) => all.map((one) => getComputedStyle(document.querySelector(one)).filter.startsWith("blur")),
        selectors,
      );
    assert.deepEqual(new Set(await areBlurred()), new Set([false]), `${selectors}`);
    await isHidden(page, true);
    await isHidden(page, false);
    assert.deepEqual(new Set(await areBlurred()), new Set([true]), `${selectors}`);
  };
  const isThere = async () => {
    await page.locator("h1").tap();
    await page.locator("[data-left]").waitFor({ state: "detached" });
  };

  await person.goesTo("passphrase");
  await page.locator("[data-offered]", { hasText: /\S/ }).waitFor();
  await covers("[data-offered]");
  await page.keyboard.press("Tab");
  await page.locator("[data-left]").waitFor({ state: "detached" });
  await person.does("back");
  await person.sees("account");

  const [first, ...rest] = PHRASE.split(" ");
  await person.fillsEntry("Another wallet", [first, "photto", ...rest.slice(1, -1), "bor"].join(" "));
  await page.locator('[name="word-12"]').focus();
  await page.locator(".suggested").waitFor();
  await page.locator(".word-state button").first().waitFor();
  await covers('[name="word-1"]', ".suggested", ".word-state");
  await isThere();
  assert.equal(await page.locator('[name="word-1"]').inputValue(), first);
  await person.chooses("kind", "text");
  await person.types("text", "What is nobody's business");
  await covers('[name="text"]');
  await isThere();
});
