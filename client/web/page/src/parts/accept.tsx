/** What a person lets go of, after reading what it may mean. Nothing is ticked beforehand. */

import type { Acceptance } from "../api.ts";
import { useTexts } from "./context.ts";

export function Accept({ what }: { readonly what: readonly (keyof Acceptance)[] }) {
  const { login } = useTexts();
  return (
    <>
      {what.map((one) => (
        <section key={one} class={one === "newest" ? "panel" : "panel danger"} data-part="accept">
          <p>{login.accept[one]}</p>
          <label class="check">
            <input type="checkbox" name="accept" value={one} />
            <span>{one === "newest" ? login.withoutNewest : login.acceptCheck}</span>
          </label>
        </section>
      ))}
    </>
  );
}
