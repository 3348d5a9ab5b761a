/** What opens the account, changed: passphrase, recovery code and the account's own keys. */
import type { Vault } from "../api.ts";
import { state } from "./host.ts";
import { mustBeStrong, wiped } from "./steps.ts";
import type { Storage } from "./storage.ts";
import * as core from "./wasm/rootcellar_web.js";

type Keys = Pick<Vault, "setPassphrase" | "drawRecoveryCode" | "useRecoveryCode" | "mayRekey" | "rekey">;

export function keys(storage: Storage): Keys {
  return {
    setPassphrase: (passphrase, name) =>
      wiped([passphrase], async () => {
        await mustBeStrong(passphrase, [name ?? "", state.own?.vault ?? ""]);
        await core.setPassphrase(passphrase, name ?? undefined);
      }),
    drawRecoveryCode: async () => core.drawRecoveryCode(),
    async useRecoveryCode(code) {
      await wiped([code], () => core.useRecoveryCode(code));
      await confirmed(storage);
    },
    mayRekey: async () => core.mayRekey(),
    async rekey(code) {
      await wiped([code], () => core.rekey(code));
      await confirmed(storage);
    },
  };
}

/** A code is on paper that holds. Where that cannot be kept, a person is asked to draw another, which does no harm. */
export async function confirmed(storage: Storage): Promise<void> {
  await storage.put({ codeUnconfirmed: undefined }).catch(() => undefined);
}
