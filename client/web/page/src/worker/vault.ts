/**
 * What the page asks for, done: arguments to the library, its answers as `api.ts` has them. One method runs at a time
 * (`worker.ts`), and each wipes the secrets that it was given.
 */
import type { PhraseCheck, Vault } from "../api.ts";
import { failed } from "../failure.ts";
import type { Method } from "../messages.ts";
import { deviceStateOf } from "./device.ts";
import { devices, pairing } from "./devices.ts";
import { entries } from "./entries.ts";
import { state } from "./host.ts";
import { vaultInfo } from "./info.ts";
import { keys } from "./keys.ts";
import { login } from "./login.ts";
import { parsed, wiped } from "./steps.ts";
import type { Storage } from "./storage.ts";
import { judge } from "./strength.ts";
import * as core from "./wasm/rootcellar_web.js";
import type { Words } from "./words.ts";

export type WorkerVault = Pick<Vault, Method>;

export function workerVault(storage: Storage, configuredVault: string | null, words: Words): WorkerVault {
  async function close(): Promise<void> {
    core.close();
  }

  async function forget(): Promise<void> {
    await close();
    await storage.clear();
    state.own = undefined;
  }

  return {
    deviceState: () => deviceStateOf(storage, configuredVault),
    vaultInfo,

    ...login(storage, configuredVault),
    ...entries(words),
    ...devices(storage),
    ...pairing(storage),
    ...keys(storage),

    close,
    forget,
    async deleteAccount() {
      await core.deleteAccount();
      await forget().catch(() => {
        throw failed("deleted-not-forgotten");
      });
    },

    generatePassphrase: async () => core.generatePassphrase(),
    judgePassphrase: (passphrase, hints) => wiped([passphrase], () => judge(passphrase, hints)),
    completeWord: (prefix, language, most) => words.complete(prefix, language, most),
    checkPhrase: (typed, language) => wiped([typed], () => words.check(typed, language)),
    checkRecoveryCode: (typed) => wiped([typed], async () => parsed<PhraseCheck>(core.checkRecoveryCode(typed))),
    isOddPassphrase: (passphrase) => wiped([passphrase], async () => core.isOddPassphrase(passphrase)),
  };
}
