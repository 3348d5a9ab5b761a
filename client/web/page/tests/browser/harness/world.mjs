/** Where a test happens: a vault, the network before it, and people who come with their phones. */

import { join } from "node:path";
import { Ends } from "./ends.mjs";
import { LABEL, PHRASE, Person } from "./person.mjs";
import { folder } from "./programs.mjs";
import { Vault } from "./vault.mjs";
import { Wire } from "./wire.mjs";

export class World {
  #ends = new Ends();

  /** Starts a vault; `flags` is given the address at which it will be reached, and says with what more it starts. */
  static async of(test, { s3 = false, flags = async () => [] } = {}) {
    const world = new World();
    test.after(() => world.#ends.come());
    world.home = await folder(world.#ends);
    world.wire = await Wire.open(world.#ends);
    world.vault = await Vault.start(world.#ends, world.home, { s3, flags: await flags(world.wire.origin) });
    world.wire.leadsTo(world.vault.port);
    return world;
  }

  /** Another network before the same vault. */
  async otherWire() {
    const wire = await Wire.open(this.#ends);
    wire.leadsTo(this.vault.port);
    return wire;
  }

  /** Somebody opens the page on a phone, a new one or the one of that name; `options` are those of `Person.with`. */
  person(phone = "phone", { wire = this.wire, ...options } = {}) {
    return Person.with(this.#ends, join(this.home, phone), wire, options);
  }

  /** Somebody who has an account, in which a phrase is backed up. */
  async owner(phone) {
    const person = await this.person(phone);
    await person.registers();
    await person.saves(LABEL, PHRASE);
    return person;
  }
}
