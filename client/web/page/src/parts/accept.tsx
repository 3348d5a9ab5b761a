/** What a person lets go of, after reading what it may mean. Nothing is ticked beforehand. */

import { useTexts } from "./context.ts";

export function Accept({ what }: { readonly what: "history" | "serverKey" | null }) {
  const { login } = useTexts();
  if (what === null) {
    return null;
  }
  return (
    <section class="panel danger" data-part="accept">
      <p>{login.accept[what]}</p>
      <label class="check">
        <input type="checkbox" name="accept" value={what} />
        <span>{login.acceptCheck}</span>
      </label>
    </section>
  );
}
