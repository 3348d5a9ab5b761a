/** What hands and eyes do with a page: they know what its screens, buttons and fields are called. */

import assert from "node:assert/strict";
import { evaluates } from "./within.mjs";

export class Hands {
  /** Set by whoever takes the phone: the page, and where it is. */
  page;
  at;

  async open() {
    await this.page.goto(this.at);
    await this.page.locator("[data-screen]").waitFor();
  }

  /** Waits for a screen. */
  async sees(screen) {
    const failed = this.page.locator("[data-failure]").first();
    const seen = this.page.locator(`[data-screen="${screen}"]`);
    await seen.or(failed).first().waitFor();
    if (!(await seen.isVisible())) {
      assert.fail(`instead of the screen ${screen}: ${await failed.getAttribute("data-failure")}`);
    }
  }

  /** What comes first: the screen, or a failure, by its code. */
  async comes(screen) {
    await this.page.locator('[data-screen] .actions [aria-disabled="true"], [data-do="finish"][aria-disabled="true"]').waitFor({ state: "detached" });
    const seen = this.page.locator(`[data-screen="${screen}"]`);
    await seen.or(this.page.locator("[data-failure]")).first().waitFor();
    return (await seen.isVisible()) ? screen : this.failure();
  }

  async does(what) {
    await this.page.locator(`[data-do="${what}"]:visible`).first().click();
  }

  /** Pastes a text into a field, with its line breaks, which `fill` would lose. */
  async pastes(field, text) {
    const paste = (input, pasted) => {
      input.focus();
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", pasted);
      input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    };
    await evaluates("a paste", this.page.locator(`:is(input, textarea)[name="${field}"]:visible`), paste, text);
  }

  /** Goes to the screen to which a button of its name leads. */
  async goesTo(screen) {
    await this.does(screen);
    await this.sees(screen);
  }

  async types(field, text) {
    await this.page.locator(`:is(input, textarea)[name="${field}"]:visible`).fill(text);
  }

  async chooses(field, value) {
    await this.page.locator(`[name="${field}"][value="${value}"]`).check();
  }

  /** Types where the screen asks for it: what is known already is not asked for. */
  async typesIfAsked(field, text) {
    if (await this.page.locator(`input[name="${field}"]`).isVisible()) {
      await this.types(field, text);
    }
  }

  /** The code of what failed, once something did. */
  async failure() {
    const notice = this.page.locator("[data-failure]").first();
    await notice.waitFor();
    return notice.getAttribute("data-failure");
  }

  async fails(code) {
    assert.equal(await this.failure(), code);
  }

  async text(selector) {
    return (await this.page.locator(selector).allTextContents()).map((text) => text.trim());
  }

  /** Types words, or pastes them at once, and reads what the page says of them: it moves the button below. */
  async entersWords(phrase, typed) {
    await (typed ? this.typesWords(phrase) : this.page.locator('[name="word-1"]').fill(phrase));
    await this.page.locator('[data-words]:not([data-words="incomplete"])').waitFor();
  }

  /** The words that are in the fields. */
  async typedWords() {
    const read = () => [...document.querySelectorAll('[name^="word-"]')].map(({ value }) => value);
    return (await evaluates("the words", this.page, read)).join(" ").trim();
  }

  /** Types words one after the other, as from paper. */
  async typesWords(phrase) {
    const words = phrase.split(" ");
    await this.page.locator('[name="word-1"]').focus();
    for (const [at, word] of words.entries()) {
      await this.page.keyboard.type(word);
      await this.page.keyboard.press("Space");
      // Nobody types the next word within the frame in which the focus goes on.
      const next = `[name="word-${at + 2}"]`;
      if (await this.page.locator(next).isVisible()) {
        await this.page.locator(`${next}:focus`).waitFor();
      }
    }
  }
}
