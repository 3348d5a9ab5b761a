/** What the backup notes for the next login by passphrase: the account's name and the vault's address. */

import type { SessionView } from "../api.ts";
import { useTexts } from "./context.ts";

export function NotedAccount({ session }: { readonly session: SessionView }) {
  const { account, vault, home } = useTexts();
  const { accountName, vaultAddress } = session;
  if (accountName === null && vaultAddress === null) {
    return null;
  }
  return (
    <section class="panel" data-part="noted-account">
      <p>{home.noted}</p>
      <dl>
        {accountName !== null && (
          <>
            <dt>{account.name}</dt>
            <dd dir="auto">{accountName}</dd>
          </>
        )}
        {vaultAddress !== null && (
          <>
            <dt>{vault.label}</dt>
            <dd dir="auto">{vaultAddress}</dd>
          </>
        )}
      </dl>
    </section>
  );
}
