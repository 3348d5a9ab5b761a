/** Shows the page over a vault that only pretends; `?` takes what the browser is to know. */

import type { DeviceState } from "../../src/api.ts";
import { startPage } from "../../src/page.tsx";
import de from "../../src/texts/de.json";
import en from "../../src/texts/en.json";
import { pseudo } from "./pseudo.ts";
import { FakeVault } from "./fake.ts";

const query = new URLSearchParams(location.search);
const vault = new FakeVault(JSON.parse(query.get("kept") ?? "{}") as Partial<DeviceState>);
const host = {
  version: "0.1.0-preview",
  hashes: "HASHES",
  security: "SECURITY",
  texts: async (tag: "en" | "de") => (query.has("rtl") ? pseudo : { en, de }[tag]),
  onUpdate: () => undefined,
  update: () => undefined,
};
const root = document.getElementById("root");
if (root !== null) {
  const app = await startPage(vault, host, root);
  Object.assign(globalThis, { app, vault }); // For looking at single screens.
}
