/** The page's entry: its vault, its texts and its service worker, handed to the screens. */
import type { Host } from "./app/app.ts";
import { startPage } from "./page.tsx";
import { rememberedLanguage } from "./app/remembered.ts";
import { onUpdate, registerService, update } from "./service.ts";
import { start } from "./start.ts";
import { FRAMED } from "./texts/early.ts";
import { chooseLanguage, type LanguageTag, type RawTexts } from "./texts/languages.ts";
import { fetchFile } from "./worker/fetch_file.ts";
import type { File } from "./worker/files.ts";

declare const __VERSION__: string;
declare const __TEXTS__: Record<LanguageTag, File>;

const base = document.baseURI;
const host: Host = {
  version: __VERSION__,
  hashes: new URL("HASHES", base).href,
  security: new URL("security.txt", base).href,
  texts: async (language) => (await (await fetchFile(base, __TEXTS__[language])).json()) as RawTexts,
  onUpdate,
  update,
};

const root = document.getElementById("page");
if (root && window.top !== window.self) {
  // Not every host sends the header that forbids it, and what lies over a frame could have a person press what they do not see.
  root.lang = chooseLanguage(rememberedLanguage(), navigator.languages);
  root.textContent = FRAMED[root.lang as LanguageTag];
  root.setAttribute("data-framed", "");
} else if (root) {
  await startPage(start(), host, root);
  await registerService(base);
}
