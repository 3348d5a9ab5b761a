/** The one policy by which this page turns text into the address of a script: its own worker and its own service worker. */

interface Policy {
  createScriptURL(url: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: Policy): Policy;
}

/** What was allowed and not used yet. */
const allowed = new Set<string>();

const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy("rootcellar", {
  createScriptURL: (url: string) => {
    if (!allowed.delete(url)) throw new TypeError("not a script of this page");
    return url;
  },
});

/** An address for `new Worker` or `register`, to be used once. Not exported beyond the modules that start the two. */
export function scriptUrl(url: string): string {
  if (!policy) return url;
  allowed.add(url);
  return policy.createScriptURL(url);
}
