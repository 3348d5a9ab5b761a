/** A person with a phone: goes from screen to screen as people do, by what the screens call things. */

import assert from "node:assert/strict";
import { Hands } from "./hands.mjs";
import { Phone } from "./phone.mjs";
import { assertNone, assertNoneInFiles, forms } from "./secrets.mjs";
import { evaluates, within } from "./within.mjs";

export const PASSPHRASE = "seven quiet lanterns under the orchard wall";
export const WRONG = "seven quiet lanterns under the orchard gate";
export const ANOTHER = "a heron waits where both the rivers meet";
export const ACCOUNT = "winter-wanderer";
export const LABEL = "Everyday wallet of the tests";
/** Published vectors of BIP-39: nothing of value stands behind them. */
export const PHRASE = "scheme spot photo card baby mountain device kick cradle pact join borrow";
export const LONG_PHRASE =
  "panda eyebrow bullet gorilla call smoke muffin taste mesh discover soft ostrich " +
  "alcohol speed nation flash devote level hobby quick inner drive ghost inside";
const ENTROPIES = [
  "c0ba5a8e914111210f2bd131f3d5e08d",
  "9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863",
];

/** What in the console says that something is wrong; the rest are the browser's hints. */
const LOUD = ["error", "warning", "assert"];
/** What the browser itself writes where a request fails, by its status or for want of a network. */
const FAILED_LOAD = /^Failed to load resource: /;

export class Person extends Hands {
  /** Recovery codes and drawn passphrases that were seen. */
  codes = [];
  drawn = [];

  /** Takes a phone, new or not, and opens the page; `at` where it is hosted apart. */
  static async with(test, profile, wire, { at = wire.origin, ...options } = {}) {
    const person = new Person();
    person.wire = wire;
    person.at = at;
    person.phone = await Phone.on(test, profile, [at, wire.origin], options);
    person.page = person.phone.page;
    await person.open();
    return person;
  }

  /** Goes on in another tab of the same browser. */
  async tab() {
    const other = new Person();
    other.wire = this.wire;
    other.at = this.at;
    other.phone = this.phone;
    other.page = await this.phone.newPage();
    await other.open();
    return other;
  }

  /** The tab is ended without a word, with all that it held, and the page is opened again. */
  async reloads() {
    await within("a tab closes", this.page.close({ runBeforeUnload: false }));
    this.page = await this.phone.newPage();
    await this.open();
  }

  /** Fills the form for a new account in. */
  async fillsRegistration({ account = ACCOUNT, passphrase = PASSPHRASE, device = "First phone" } = {}) {
    await this.goesTo("register");
    await this.typesIfAsked("vault", this.wire.origin);
    await this.types("username", account);
    await this.thinksOf(passphrase);
    await this.types("device", device);
  }

  /** Types a new passphrase of the person's own, twice. */
  async thinksOf(passphrase) {
    await this.chooses("choice", "own");
    await this.types("passphrase", passphrase);
    await this.types("repeat", passphrase);
    // What is said of it moves the button below, and nobody presses a button that moves.
    await this.page.locator(".strength meter").waitFor();
  }

  /** Takes the passphrase that the page draws, and gives it. */
  async takesOffered() {
    const offered = this.page.locator("[data-offered]", { hasText: /\S/ });
    await offered.waitFor();
    const passphrase = (await offered.textContent()).trim();
    this.drawn.push(passphrase);
    await this.page.locator('[name="saved"]').check();
    return passphrase;
  }

  /** Writes the recovery code down, and types two of its words, which are not sent yet. */
  async writesCodeDown() {
    await this.page.locator('[data-do="show-code"]').or(this.page.locator("[data-failure]")).first().waitFor();
    await this.does("show-code");
    const words = await this.text('[data-part="code"] li');
    await this.does("written");
    for (const place of await this.page.locator('[name^="place-"]').all()) {
      const number = Number((await place.getAttribute("name")).slice("place-".length));
      await place.fill(words[number - 1]);
    }
    const code = words.join(" ");
    this.codes.push(code);
    return code;
  }

  /** Makes an account, and gives the recovery code. */
  async registers(options) {
    await this.fillsRegistration(options);
    await this.does("submit");
    const code = await this.writesCodeDown();
    await this.does("confirm-code");
    await this.sees("account");
    return code;
  }

  async fillsEntry(label = LABEL, phrase = PHRASE, { typed = false } = {}) {
    await this.goesTo("add");
    await this.types("label", label);
    if (typed) {
      await this.page.locator('[name="count"]').selectOption(String(phrase.split(" ").length));
    }
    await this.entersWords(phrase, typed);
  }

  /** Backs a phrase up. */
  async saves(label, phrase, options) {
    await this.fillsEntry(label, phrase, options);
    await this.does("submit");
    await this.sees("account");
  }

  async fillsLogin({ account = ACCOUNT, passphrase = PASSPHRASE, device = "Second phone", restore = true } = {}) {
    await this.does(restore ? "restore" : "login");
    await this.sees("login");
    await this.typesIfAsked("vault", this.wire.origin);
    await this.typesIfAsked("username", account);
    await this.types("passphrase", passphrase);
    await this.typesIfAsked("device", device);
  }

  /** Logs in by passphrase. */
  async logsIn(options) {
    await this.fillsLogin(options);
    await this.does("submit");
    await this.sees("account");
  }

  /** Types a wrong passphrase first, which is refused, and then the right one. */
  async logsInAtTheSecondTry(options) {
    await this.fillsLogin({ ...options, passphrase: WRONG });
    await this.does("submit");
    await this.fails("passphrase-or-account");
    await this.types("passphrase", PASSPHRASE);
    await this.does("submit");
    await this.sees("account");
  }

  async fillsRecovery(code, { typed = false } = {}) {
    await this.goesTo("recover");
    await this.typesIfAsked("vault", this.wire.origin);
    await this.entersWords(code, typed);
    await this.typesIfAsked("device", "Third phone");
  }

  /** Goes in by the recovery code, from wherever the page is. */
  async recovers(code, options) {
    await this.open();
    await this.fillsRecovery(code, options);
    await this.does("submit");
    await this.sees("account");
  }

  /** Has a new code drawn, on the screen on which it is to become the account's, and writes it down; `finish` confirms it. */
  async drawsCode(screen = "recovery-code") {
    await this.goesTo(screen);
    await this.does("draw");
    return this.writesCodeDown();
  }

  /** Enrols this browser. */
  async enrols(permission) {
    await this.goesTo("enrol");
    await this.chooses("permission", permission);
    await this.does("submit");
    await this.sees("account");
  }

  /** As a new device, shows what the other reads; gives it as text. */
  async offersPairing(device = "Paired phone") {
    await this.does("pair");
    await this.sees("pair-new");
    await this.typesIfAsked("vault", this.wire.origin);
    await this.types("device", device);
    await this.does("submit");
    const shown = this.page.locator("#pairing-text");
    await shown.waitFor();
    return shown.inputValue();
  }

  /** As a device that manages the account, reads what a new one shows. */
  async readsPairing(text) {
    await this.goesTo("pair-meet");
    await this.types("pairing-text", text);
    await this.does("submit");
  }

  /** The six digits, once they are shown. */
  async digits() {
    const digits = this.page.locator("[data-digits]");
    await digits.waitFor();
    return digits.getAttribute("data-digits");
  }

  /** Opens the account again inside the step that found it closed; says whether the passphrase did. */
  async reopens(passphrase = PASSPHRASE) {
    const part = this.page.locator('[data-part="reopen"]');
    const field = await part.locator('input[type="password"]').elementHandle();
    await field.fill(passphrase);
    await this.does("reopen");
    const busy = part.locator('[data-do="reopen"][aria-disabled="true"]');
    await busy.waitFor();
    await busy.waitFor({ state: "detached" });
    const isOpen = (await part.count()) === 0;
    if (isOpen) {
      assert.equal(await evaluates("what a field holds", field, ({ value }) => value), "", "the field holds nothing any more");
    }
    return isOpen;
  }

  /** What the browser keeps of the account, record by record. */
  async keeps() {
    return evaluates("what the browser keeps", this.page, async () => {
      const done = (request) =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const database = await done(indexedDB.open("rootcellar"));
      const store = database.transaction("state").objectStore("state");
      const [names, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
      database.close();
      const plain = (_, value) => {
        const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
        return bytes instanceof Uint8Array ? [...bytes] : bytes;
      };
      return names.map((name, at) => [name, JSON.stringify(values[at], plain)]);
    });
  }

  /** Labels of what is backed up. */
  async labels() {
    return this.text('[data-do="entry"] strong');
  }

  /** Reads an entry's words from the screen, and hides them again. */
  async reads(label = LABEL) {
    await this.page.locator('[data-do="entry"]', { hasText: label }).click();
    await this.sees("entry");
    await this.does("show");
    const secret = this.page.locator("[data-secret]");
    await secret.or(this.page.locator("[data-failure]")).first().waitFor();
    const words = await this.text("[data-secret] li");
    await this.does("hide");
    await this.does("back");
    await this.sees("account");
    return words.join(" ");
  }

  /** Goes back to the first screen, with nothing kept in memory. */
  async locks() {
    await this.does("lock");
    // The word that it is closed comes last.
    await this.page.locator('[data-screen="welcome"] [data-notice]').waitFor();
  }

  /** Everything that the browser keeps goes. */
  async forgets() {
    await this.does("settings");
    await this.does("forget");
    await this.does("confirm-forget");
    await this.sees("welcome");
  }

  /** Everything that is nobody else's business; what a person types as a name, browsers offer to remember. */
  secrets({ named = true } = {}) {
    const texts = [PASSPHRASE, WRONG, ANOTHER, LABEL, ...this.drawn, ...(named ? [ACCOUNT] : [])];
    return forms({ texts, phrases: [PHRASE, LONG_PHRASE, ...this.codes], hex: ENTROPIES });
  }

  /**
   * No secret on the wire, in the console or in what the browser has on its disk; no request to anybody else; nothing said in
   * the console but, where requests were made to fail, the browser's word that they did.
   */
  async leavesNoTrace({ failures = false } = {}) {
    const { phone, wire } = this;
    const secrets = this.secrets();
    const loud = phone.console.filter(({ type }) => LOUD.includes(type));
    const said = loud.filter(({ text }) => !failures || !FAILED_LOAD.test(text));
    assert.deepEqual(said, [], "the console is quiet");
    assert.deepEqual(phone.strangers, [], "nobody else is asked");
    assertNone(Buffer.from(JSON.stringify(phone.console)), secrets, "the console");
    assertNone(wire.bytes(), secrets, "the wire");
    await phone.off();
    await assertNoneInFiles(phone.profile, this.secrets({ named: false }));
  }
}
