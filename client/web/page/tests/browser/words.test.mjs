/** Words that are pasted: none is dropped silently, and none of those before stays. */

import assert from "node:assert/strict";
import { LABEL, LONG_PHRASE, PHRASE } from "./harness/person.mjs";
import { test } from "./harness/test.mjs";
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

  await pastes(`${PHRASE} ${passphrase}`);
  await asked.waitFor();
  assert.match(await asked.textContent(), /13 words/u);
  await person.does("extra-cancel");
  assert.equal(await person.typedWords(), "");

  await pastes(`${LONG_PHRASE} ${passphrase}`);
  await asked.waitFor();
  assert.match(await asked.textContent(), /25 words/u);
  await person.does("extra-passphrase");
  await asked.waitFor({ state: "detached" });
  await page.locator('[data-words="good"]').waitFor();
  assert.equal(await person.typedWords(), LONG_PHRASE);
  assert.equal(await page.locator('[name="bip39-passphrase"]').inputValue(), passphrase);
  await person.does("submit");
  await person.sees("account");
  assert.equal(await person.reads(), LONG_PHRASE);
  await person.leavesNoTrace();
});

test("a passphrase after the words is taken exactly, and none that was typed is replaced unasked", async (t) => {
  const person = await (await World.of(t)).person();
  const { page } = person;
  const passphrase = page.locator('[name="bip39-passphrase"]');
  const warned = page.locator(".field", { has: passphrase }).locator(".notice.warn");
  const asked = page.locator('[data-part="extra-words"]');
  person.drawn.push("Hunter2;", "Spring rain");
  await person.registers();
  await person.goesTo("add");

  await person.pastes("word-1", `${LONG_PHRASE} Hunter2;\r\n`);
  await asked.waitFor();
  await person.does("extra-passphrase");
  await asked.waitFor({ state: "detached" });
  assert.equal(await passphrase.inputValue(), "Hunter2;");
  assert.equal(await warned.count(), 0);

  // A space at its end may be overlooked; and there is a passphrase already.
  await person.pastes("word-1", `${LONG_PHRASE}\nSpring rain `);
  await asked.waitFor();
  assert.match(await asked.textContent(), /already typed/u);
  assert.equal(await asked.locator("mark").textContent(), " ");
  assert.equal(await passphrase.inputValue(), "Hunter2;");
  await person.does("extra-passphrase");
  await warned.waitFor();
  assert.equal(await passphrase.inputValue(), "Spring rain ");

  // A field of one line would join them to another passphrase.
  await person.pastes("word-1", `${LONG_PHRASE}\nHunter2;\nSpring rain`);
  await asked.waitFor();
  assert.match(await asked.textContent(), /single line/u);
  assert.equal(await asked.locator('[data-do="extra-passphrase"]').count(), 0);
  await person.does("extra-cancel");
  assert.equal(await passphrase.inputValue(), "Spring rain ");
  await person.leavesNoTrace();
});

test("two pastes of twelve words are one phrase of 24, or the second takes the place of the first", async (t) => {
  const person = await (await World.of(t)).person();
  const { page } = person;
  const asked = page.locator('[data-part="pasted-again"]');
  const halves = [LONG_PHRASE.split(" ").slice(0, 12).join(" "), LONG_PHRASE.split(" ").slice(12).join(" ")];
  await person.registers();
  await person.goesTo("add");
  await person.types("label", LABEL);
  await person.pastes("word-1", halves[0]);
  await page.locator(`[data-words]:not([data-words="incomplete"])`).waitFor();
  await page.locator('[name="count"]').selectOption("24");
  await person.pastes("word-13", halves[1]);
  await asked.waitFor();
  assert.equal(await person.typedWords(), halves[0]);
  await person.does("extra-cancel");
  await asked.waitFor({ state: "detached" });
  assert.equal(await person.typedWords(), halves[0]);

  await person.pastes("word-13", halves[1]);
  await person.does("paste-continue");
  await page.locator('[data-words="good"]').waitFor();
  assert.equal(await person.typedWords(), LONG_PHRASE);

  await person.pastes("word-13", halves[0]);
  await person.does("paste-replace");
  await asked.waitFor({ state: "detached" });
  assert.equal(await person.typedWords(), halves[0]);
  await person.pastes("word-1", halves[1]);
  await person.does("paste-continue");
  await page.locator('[data-words="good"]').waitFor();
  await person.does("submit");
  await person.sees("account");
  assert.equal(await person.reads(), LONG_PHRASE);
  await person.leavesNoTrace();
});

test("who leaves words that were pasted is warned that they are not saved", async (t) => {
  const person = await (await World.of(t)).person();
  const { page } = person;
  await person.registers();
  await person.goesTo("add");
  await person.does("back");
  await person.sees("account");
  await person.goesTo("add");
  await person.pastes("word-1", PHRASE);
  await page.locator('[data-words="good"]').waitFor();
  await person.does("back");
  await page.locator("[data-notice]", { hasText: "not saved" }).waitFor();
  await person.sees("add");
  await person.does("back");
  await person.sees("account");
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
