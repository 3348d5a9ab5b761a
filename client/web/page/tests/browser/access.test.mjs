/** Every screen, for everybody: axe finds nothing, narrow, light and dark, right to left; and all by keyboard. */

import assert from "node:assert/strict";
import { looksAt } from "./harness/looks.mjs";
import { LABEL, PASSPHRASE, PHRASE, WRONG } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
import { evaluates } from "./harness/within.mjs";
import { World } from "./harness/world.mjs";

/** Goes to a screen by what leads there, looks at it, and comes back. */
async function visits(person, way, screen = way) {
  await person.does(way);
  await person.sees(screen);
  await looksAt(person.page, screen);
  await person.does("back");
}

test("no screen keeps anybody out", async (t) => {
  const world = await World.of(t);
  const person = await world.person();
  const { page } = person;
  await looksAt(page, "welcome");
  await visits(person, "restore", "login");
  await person.sees("welcome");
  await visits(person, "pair", "pair-new");
  await person.sees("welcome");
  await person.does("recover");
  await person.sees("recover");
  await looksAt(page, "recover");
  await person.typesWords("scheme spto");
  await page.locator(".is-wrong").first().waitFor();
  await looksAt(page, "recover-wrong-word");
  await person.does("back");
  await person.sees("welcome");
  await visits(person, "settings");
  await person.sees("welcome");

  await person.does("register");
  await person.sees("register");
  await looksAt(page, "register-offered");
  await person.does("submit");
  await person.failure();
  for (const missing of ["username", "saved"]) {
    assert.equal(await page.locator(`[name="${missing}"]`).getAttribute("aria-invalid"), "true", missing);
  }
  await looksAt(page, "register-missing");
  await person.does("back");
  await person.sees("welcome");
  await person.fillsRegistration();
  await page.locator(".strength meter").waitFor();
  await looksAt(page, "register");
  await person.does("submit");
  await page.locator('[data-do="show-code"]').waitFor();
  await looksAt(page, "code-covered");
  await person.does("show-code");
  await looksAt(page, "code-shown");
  await person.does("written");
  await looksAt(page, "code-confirm");
  await person.does("show-code-again");
  await person.does("written");
  await page.locator('[name^="place-"]').first().fill("zebra");
  await page.locator('[name^="place-"]').last().fill("zebra");
  await person.does("confirm-code");
  await person.failure();
  await looksAt(page, "code-wrong");
  await person.does("show-code-again");
  const words = await person.text('[data-part="code"] li');
  await person.does("written");
  for (const place of await page.locator('[name^="place-"]').all()) {
    await place.fill(words[Number((await place.getAttribute("name")).slice("place-".length)) - 1]);
  }
  await person.does("confirm-code");
  await person.sees("account");
  await looksAt(page, "account-empty");

  await person.fillsEntry(LABEL, PHRASE);
  await looksAt(page, "add");
  await person.does("submit");
  await person.sees("account");
  await looksAt(page, "account");
  await page.locator('[data-do="entry"]').click();
  await person.sees("entry");
  await looksAt(page, "entry");
  await person.does("show");
  await page.locator("[data-secret]").waitFor();
  await looksAt(page, "entry-shown");
  await person.does("back");
  await person.sees("account");
  for (const screen of ["enrol", "backups", "devices", "pair-meet", "history", "passphrase", "recovery-code", "rekey", "delete"]) {
    await visits(person, screen);
    await person.sees("account");
  }

  await person.locks();
  await looksAt(page, "welcome-back");
  await person.fillsLogin({ passphrase: WRONG });
  await person.does("submit");
  await person.fails("passphrase-or-account");
  await looksAt(page, "login-refused");
  const other = await world.person("other");
  await other.logsIn();
  await other.does("settings");
  await other.sees("settings");
  await other.does("about");
  await other.sees("about");
  await looksAt(other.page, "about");
  await other.does("back");
  await other.does("forget");
  await other.sees("forget");
  await looksAt(other.page, "forget");
});

test("the keyboard is enough", async (t) => {
  const person = await (await World.of(t)).owner();
  const { page } = person;
  await person.locks();

  /** Goes on by the Tab key until the focus is there. */
  const tabTo = async (selector) => {
    for (let presses = 0; presses < 40; presses += 1) {
      if (await evaluates("the focus", page, (wanted) => document.activeElement?.matches(wanted) === true, selector)) {
        return;
      }
      await page.keyboard.press("Tab");
    }
    assert.fail(`the Tab key does not lead to ${selector}`);
  };
  // The heading of a new screen takes the focus.
  const atHeading = () => page.waitForFunction(() => document.activeElement?.tagName === "H1");
  await atHeading();
  await tabTo('[data-do="restore"]');
  await page.keyboard.press("Enter");
  await person.sees("login");
  await atHeading();
  await tabTo('[name="passphrase"]');
  await page.keyboard.type(PASSPHRASE);
  await page.keyboard.press("Enter");
  await person.sees("account");
  await atHeading();
  await tabTo('[data-do="entry"]');
  await page.keyboard.press("Enter");
  await person.sees("entry");
  await atHeading();
  await tabTo('[data-do="show"]');
  await page.keyboard.press("Space");
  await page.locator("[data-secret]").waitFor();
  assert.equal((await person.text("[data-secret] li")).join(" "), PHRASE);
});
