/** Words that are pasted: none is dropped silently, and none of those before stays. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LABEL, LONG_PHRASE, PHRASE } from "./harness/person.mjs";
import { World } from "./harness/world.mjs";

test("what is pasted after a phrase is asked about, and becomes the BIP-39 passphrase if it is that", async (t) => {
  const person = await (await World.of(t)).person();
  const { page } = person;
  await person.registers();
  await person.goesTo("add");
  await person.types("label", LABEL);
  const passphrase = "Hunter-2";
  person.drawn.push(passphrase);
  const pastes = (text) => page.locator('[name="word-1"]').fill(text);
  const asked = page.locator('[data-part="extra-words"]');
  const words = () => page.locator('[name^="word-"]').evaluateAll((inputs) => inputs.map(({ value }) => value).join(" ").trim());

  await pastes(`${PHRASE} ${passphrase}`);
  await asked.waitFor();
  assert.match(await asked.textContent(), /13 words/u);
  await person.does("extra-cancel");
  assert.equal(await words(), "");

  await pastes(`${LONG_PHRASE} ${passphrase}`);
  await asked.waitFor();
  assert.match(await asked.textContent(), /25 words/u);
  await person.does("extra-passphrase");
  await asked.waitFor({ state: "detached" });
  await page.locator('[data-words="good"]').waitFor();
  assert.equal(await words(), LONG_PHRASE);
  assert.equal(await page.locator('[name="bip39-passphrase"]').inputValue(), passphrase);
  await person.does("submit");
  await person.sees("account");
  assert.equal(await person.reads(), LONG_PHRASE);
  await person.leavesNoTrace();
});

test("a paste that lacks a word leaves none of the words before it", async (t) => {
  const person = await (await World.of(t)).person();
  const { page } = person;
  await person.registers();
  await person.goesTo("add");
  await page.locator('[name="word-1"]').fill(LONG_PHRASE);
  await page.locator('[data-words="good"]').waitFor();
  const lacking = LONG_PHRASE.split(" ").slice(0, 23).join(" ");
  await page.locator('[name="word-5"]').fill(lacking);
  await page.locator('[data-words="incomplete"]').waitFor();
  assert.equal(await page.locator('[name="word-24"]').inputValue(), "");
  assert.equal(await page.locator('[name="word-1"]').inputValue(), LONG_PHRASE.split(" ")[0]);
  await person.leavesNoTrace();
});

test("words after a recovery code are not dropped silently either", async (t) => {
  const person = await (await World.of(t)).person();
  const code = await person.registers();
  await person.open();
  await person.goesTo("recover");
  await person.page.locator('[name="word-1"]').fill(`${code} zoo`);
  await person.page.locator('[data-part="extra-words"]').waitFor();
  assert.equal(await person.page.locator('[data-do="extra-passphrase"]').count(), 0);
  await person.does("extra-leave-out");
  await person.page.locator('[data-words="good"]').waitFor();
  await person.does("submit");
  await person.sees("account");
  await person.leavesNoTrace();
});
