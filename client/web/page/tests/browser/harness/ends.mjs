/** What is to be done in the end, whatever became of a test: the last first, so that nothing goes before what still uses it. */

import { within } from "./within.mjs";

export class Ends {
  #steps = [];

  after(step) {
    this.#steps.push(step);
  }

  async come() {
    const step = this.#steps.pop();
    if (step !== undefined) {
      try {
        await within(`in the end: ${step}`, step());
      } finally {
        await this.come();
      }
    }
  }
}
