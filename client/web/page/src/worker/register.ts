/** Makes an account. Its recovery code is known to nobody before it is made, and is the person's as soon as it is. */
import type { Secret, Vault } from "../api.ts";
import { failed, failureOf } from "../failure.ts";
import { begin, shown } from "./session.ts";
import { mustBeStrong, wiped } from "./steps.ts";
import type { Storage } from "./storage.ts";
import * as core from "./wasm/rootcellar_web.js";

interface Maybe {
  readonly vault: string;
  readonly name: string;
  readonly recoveryCode: Secret;
}

export class Registering implements Pick<Vault, "register" | "codeConfirmed"> {
  /** A registration of which it is not known whether it was made, and its recovery code: the same step again finds out. */
  private maybe: Maybe | undefined;

  constructor(private readonly storage: Storage) {}

  register(vault: string, name: string, passphrase: Secret, invite: string | null, deviceLabel: string) {
    return wiped([passphrase], async () => {
      await mustBeStrong(passphrase, [name, vault]);
      const before = this.maybe?.vault === vault && this.maybe.name === name ? this.maybe : undefined;
      if (!before) this.drop();
      await begin(this.storage, vault, deviceLabel);
      const json = before
        ? await this.madeBefore(before, passphrase, invite)
        : await this.make(vault, name, passphrase, invite, undefined);
      // From here on the page has the code.
      const made = this.maybe;
      this.maybe = undefined;
      if (!made) throw failed("internal");
      return { recoveryCode: made.recoveryCode, session: shown(json) };
    });
  }

  /** The code is on paper. */
  codeConfirmed(): Promise<void> {
    return this.storage.put({ codeUnconfirmed: undefined });
  }

  /** Forgets what may have been made. */
  drop(): void {
    this.maybe?.recoveryCode.fill(0);
    this.maybe = undefined;
  }

  /**
   * Makes an account, with a code of its own: what an attempt before has left may stand in the way of the same one. Until the code
   * is confirmed there is a mark, which outlives this page.
   */
  private async make(vault: string, name: string, passphrase: Secret, invite: string | null, refused: unknown) {
    const before = this.maybe;
    const marked = await this.storage.get("codeUnconfirmed");
    await this.storage.put({ codeUnconfirmed: true });
    const recoveryCode = core.drawRecoveryCode() as Secret;
    this.maybe = { vault, name, recoveryCode };
    try {
      const json = await core.register(name, passphrase, recoveryCode, invite ?? undefined);
      before?.recoveryCode.fill(0);
      return json;
    } catch (error) {
      const { code, uncertain } = failureOf(error);
      if (uncertain || code === "cancelled") {
        before?.recoveryCode.fill(0);
        throw error;
      }
      // Nothing was made: what was there before is there still.
      this.drop();
      this.maybe = before;
      await this.storage.put({ codeUnconfirmed: marked });
      // The account of before, made with another passphrase.
      throw before && code === "name-taken" ? refused : error;
    }
  }

  /** Whether the registration whose answer was lost was made: its passphrase and its recovery code both open the account then. */
  private async madeBefore(maybe: Maybe, passphrase: Secret, invite: string | null) {
    try {
      return await core.openRegistered(maybe.name, passphrase, maybe.recoveryCode);
    } catch (error) {
      const { code } = failureOf(error);
      if (code === "passphrase-or-account") return this.make(maybe.vault, maybe.name, passphrase, invite, error);
      if (code !== "recovery-refused") throw error;
      // An account with another code, which nobody may have: the mark stays.
      this.drop();
      throw failed("name-taken");
    }
  }
}
