/** Draws the page: language, state, shell. The entry point hands over the worker and the host. */

import { render } from "preact";
import type { Vault } from "./api.ts";
import { App, type Host } from "./app/app.ts";
import { rememberedLanguage } from "./app/remembered.ts";
import { Shell } from "./app/shell.tsx";
import { watchInstall } from "./parts/install-hint.tsx";
import { NOT_LOADED } from "./texts/early.ts";
import { chooseLanguage } from "./texts/languages.ts";

/** Marks the page from when it is left until it is touched again. */
function cover(page: Document): void {
  page.addEventListener("visibilitychange", () => page.hidden && page.documentElement.setAttribute("data-left", ""));
  for (const touched of ["pointerdown", "keydown"]) {
    page.addEventListener(touched, () => page.documentElement.removeAttribute("data-left"), true);
  }
}

export async function startPage(vault: Vault, host: Host, root: HTMLElement): Promise<App | null> {
  watchInstall();
  cover(document);
  const language = chooseLanguage(rememberedLanguage(), navigator.languages);
  const texts = await host.texts(language).catch(() => null);
  if (texts === null) {
    root.lang = language;
    root.textContent = NOT_LOADED[language];
    return null;
  }
  const app = new App(vault, host, texts);
  app.start();
  render(<Shell app={app} />, root);
  await app.lookAgain();
  return app;
}
