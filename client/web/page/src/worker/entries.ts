/** What is backed up in the open account: looked at, added to, and saves that were not finished. */
import type { NewEntry, Vault } from "../api.ts";
import { shown } from "./session.ts";
import { parsed, wiped } from "./steps.ts";
import * as core from "./wasm/rootcellar_web.js";
import type { Words } from "./words.ts";

type Entries = Pick<Vault, "openEntry" | "save" | "refresh" | "finishPendingSave" | "discardPendingSave" | "backups">;

export function entries(words: Words): Entries {
  return {
    openEntry: (id) => words.retried(() => core.openEntry(id)),
    async save(add, remove) {
      const secrets = add.flatMap((entry) => [entry.secret, ...(entry.bip39Passphrase ? [entry.bip39Passphrase] : [])]);
      const json = await wiped(secrets, async () => {
        core.changeNothing();
        for (const entry of add) await words.retried(() => addToChange(entry, remove));
        remove.forEach((id) => core.changeRemove(id));
        return core.save();
      });
      shown(core.view());
      return parsed(json);
    },
    refresh: async () => shown(await core.refresh()),
    finishPendingSave: async () => shown(await core.finishPendingSave()),
    discardPendingSave: async () => shown(await core.discardPendingSave()),
    backups: async () => parsed(await core.backups()),
  };
}

function addToChange(entry: NewEntry, replaced: readonly string[]): void {
  const { label, kind, secret, language, bip39Passphrase, details } = entry;
  const { derivationPaths, network, birthday } = details;
  core.changeAdd(
    label,
    kind,
    secret,
    language ?? undefined,
    bip39Passphrase ?? undefined,
    [...derivationPaths],
    network ?? undefined,
    birthday ?? undefined,
    [...replaced],
  );
}
