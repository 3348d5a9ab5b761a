/** For password managers, which keep a passphrase beside a name, where no name is asked for. */

import { useApp } from "./context.ts";

/** `form` as in HTML: the form to which it belongs, where that is not the one around it. */
export function KnownName({ form }: { readonly form?: string }) {
  return <input hidden readOnly type="text" autocomplete="username" value={useApp().accountName} form={form} />;
}
