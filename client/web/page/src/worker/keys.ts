/** What opens the account, changed: passphrase, recovery code and the account's own keys. */
import type { Vault } from "../api.ts";
import { state } from "./host.ts";
import { begin, shown } from "./session.ts";
import { mustBeStrong, wiped } from "./steps.ts";
import type { Storage } from "./storage.ts";
import * as core from "./wasm/rootcellar_web.js";

type Keys = Pick<
  Vault,
  "register" | "setPassphrase" | "generateFirstCode" | "generateRecoveryCode" | "dismissCode" | "useRecoveryCode" | "mayRekey" | "rekey"
>;

export function keys(storage: Storage): Keys {
  return {
    async generateFirstCode(vault, deviceLabel) {
      await begin(storage, vault, deviceLabel);
      return core.generateRecoveryCode("registration");
    },
    register: (vault, name, passphrase, invite, deviceLabel, recoveryCode) =>
      wiped([passphrase, recoveryCode], async () => {
        await mustBeStrong(passphrase, [name, vault]);
        await begin(storage, vault, deviceLabel);
        return shown(await core.register(name, passphrase, recoveryCode, invite ?? undefined));
      }),
    setPassphrase: (passphrase, name) =>
      wiped([passphrase], async () => {
        await mustBeStrong(passphrase, [name ?? "", state.own?.vault ?? ""]);
        await core.setPassphrase(passphrase, name ?? undefined);
      }),
    generateRecoveryCode: (purpose) => core.generateRecoveryCode(purpose),
    async dismissCode() {
      await storage.put({ code: undefined });
      core.forgetCode();
    },
    useRecoveryCode: (code) => wiped([code], () => core.useRecoveryCode(code)),
    mayRekey: async (backup) => void (await core.mayRekey(backup ?? undefined)),
    rekey: (code, backup) => wiped([code], () => core.rekey(code, backup ?? undefined)),
  };
}
