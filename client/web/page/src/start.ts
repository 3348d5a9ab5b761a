/** The real surroundings of the client: its worker's script, checked and allowed by one policy, and the configured vault. */
import type { Vault } from "./api.ts";
import { originOf } from "./address.ts";
import { Attention } from "./attention.ts";
import { makeVault } from "./client.ts";
import { failed } from "./failure.ts";
import { OneTab } from "./one_tab.ts";
import { scriptUrl } from "./policy.ts";
import type { File } from "./worker/files.ts";

declare const __WORKER__: File;

/** Beside the page, as its host configures it: `{"vault": "https://vault.example.org"}`, or `"."` for the page's own origin. */
const CONFIG = "config.json";

/** Makes the page's vault. What is asked of it waits for the page's host to say which vault it is for. */
export function start(): Vault {
  const attention = new Attention();
  attention.follow(document);
  const base = document.baseURI;
  const configuration = configured(base);
  return makeVault({
    startWorker: () => startWorker(base),
    start: async () => ({ kind: "start", base, configuredVault: await configuration }),
    tab: new OneTab(),
    attention,
  });
}

async function startWorker(base: string): Promise<Worker> {
  const { path, integrity } = __WORKER__;
  const answer = await fetch(new URL(path, base), { integrity, credentials: "omit", redirect: "error" });
  if (!answer.ok) throw failed("page-damaged");
  const script = new Blob([await answer.arrayBuffer()], { type: "text/javascript" });
  const url = URL.createObjectURL(script);
  try {
    return new Worker(scriptUrl(url), { name: "rootcellar" });
  } finally {
    // The worker has begun to read it.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}

/** The vault that the page's host names; `null` where it names none. */
async function configured(base: string): Promise<string | null> {
  try {
    const answer = await fetch(new URL(CONFIG, base), { cache: "no-cache", credentials: "omit", redirect: "error" });
    if (!answer.ok) return null;
    const { vault } = (await answer.json()) as { vault?: unknown };
    if (typeof vault !== "string") return null;
    return vault === "." ? new URL(base).origin : originOf(vault);
  } catch {
    return null;
  }
}
