/** Opens the account: by passphrase, by this browser's enrolment, or by the recovery code. */
import type { Acceptance, Vault } from "../api.ts";
import { failureOf } from "../failure.ts";
import { holdSecrets, openSecrets, sealedSecrets } from "./secrets.ts";
import { begin, shown } from "./session.ts";
import { wiped } from "./steps.ts";
import type { Storage } from "./storage.ts";
import * as core from "./wasm/rootcellar_web.js";

export function login(storage: Storage, configuredVault: string | null): Pick<Vault, "login" | "open" | "recover"> {
  return {
    login: ({ vault, name, passphrase, deviceLabel, restore, backup, accept }) =>
      wiped([passphrase], async () => {
        await begin(storage, vault ?? configuredVault, deviceLabel);
        const own = await openSecrets(storage, await storage.get("secrets"));
        const json = await wiped([own], () =>
          core.login(name ?? undefined, passphrase, own, restore, backup ?? undefined, accepted(accept)),
        );
        return shown(json);
      }),

    async open(restore, accept) {
      await begin(storage, null, null);
      const all = await sealedSecrets(storage);
      let refused: unknown;
      for (const sealed of all) {
        const own = await openSecrets(storage, sealed);
        try {
          const session = shown(await wiped([own], () => core.open(own, restore, accepted(accept))));
          // Where that fails, they are found again.
          if (sealed && sealed !== all[0]) await holdSecrets(storage, sealed).catch(() => undefined);
          return session;
        } catch (error) {
          // None is given up for the vault's word that it does not know it.
          if (!["device-revoked", "not-enrolled"].includes(failureOf(error).code)) throw error;
          refused = error;
        }
      }
      throw refused;
    },

    recover: ({ vault, code, deviceLabel, backup, accept }) =>
      wiped([code], async () => {
        await begin(storage, vault ?? configuredVault, deviceLabel);
        return shown(await core.recover(code, backup ?? undefined, accepted(accept)));
      }),
  };
}

function accepted({ history, serverKey, newest }: Acceptance): number {
  return (history ? 1 : 0) | (serverKey ? 2 : 0) | (newest ? 4 : 0);
}
