/** Draws the page: language, state, shell. The entry point hands over the worker and the host. */

import { render } from "preact";
import type { Vault } from "./api.ts";
import { App, type Host } from "./app/app.ts";
import { rememberedLanguage } from "./app/remembered.ts";
import { Shell } from "./app/shell.tsx";
import { watchInstall } from "./parts/install-hint.tsx";
import { chooseLanguage } from "./texts/languages.ts";

export async function startPage(vault: Vault, host: Host, root: HTMLElement): Promise<App> {
  watchInstall();
  const language = chooseLanguage(rememberedLanguage(), navigator.languages);
  const app = new App(vault, host, await vault.kept(), await host.texts(language));
  app.start();
  render(<Shell app={app} />, root);
  return app;
}
