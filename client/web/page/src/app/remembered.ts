/** The one thing that the page itself remembers: the language. It is no secret, and a browser may refuse to keep it. */

const KEY = "rootcellar-language";

export function rememberLanguage(tag: string): void {
  try {
    localStorage.setItem(KEY, tag);
  } catch {
    // It is asked for again the next time.
  }
}

export function rememberedLanguage(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
