/**
 * The service worker: the page opens without a network, from files that were compared with their hashes when they were fetched.
 * A newer version is fetched whole before it may take over, and takes over when the person lets it. The vault's answers are
 * never kept: what is not one of the files below goes to the network as if this worker were not there.
 */
import type { File } from "./worker/files.ts";

/** What the page needs to open, and what it fetches when it is needed. */
declare const __FILES__: readonly File[];
declare const __LATER__: readonly File[];
/** Stands for these files. */
declare const __BUILD__: string;

/** As much of a service worker's surroundings as is used; the rest of the page has a window's types. */
interface Surroundings {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Extendable) => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent<unknown>) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetched) => void): void;
}

interface Extendable extends Event {
  waitUntil(done: Promise<void>): void;
}

interface Fetched extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

const worker = self as unknown as Surroundings;
const scope = worker.registration.scope;
/** Another page of this origin has a path of its own. */
const PREFIX = `rootcellar ${new URL(scope).pathname} `;
const CACHE = PREFIX + __BUILD__;
/** A network that is connected and dead must not keep the page from opening, in milliseconds. */
const TIMEOUT_MS = 3_000;
const INDEX = "index.html";
/** Where files are whose names hold their hashes. */
const ASSETS = new URL("assets/", scope).href;
/** The host's, not the build's: asked for each time, and the last answer is kept for when there is no network. */
const CONFIG = "config.json";

const kept = new Map([...__FILES__, ...__LATER__].map((file) => [new URL(file.path, scope).href, file]));

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", (event) => {
  if (event.data === "take-over") void worker.skipWaiting();
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  url.hash = "";
  url.search = "";
  if (url.href === new URL(CONFIG, scope).href) event.respondWith(config(request));
  else if (request.mode === "navigate" && url.href === scope) event.respondWith(file(new URL(INDEX, scope).href));
  else if (kept.has(url.href)) event.respondWith(file(url.href));
  else if (url.href.startsWith(ASSETS)) event.respondWith(former(request));
});

/** All files or none: the version before stays whole. What is needed later may be there by then, or not. */
async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  const all = (files: readonly File[]) => Promise.all(files.map(({ path, integrity }) => put(cache, new URL(path, scope).href, integrity)));
  await all(__FILES__);
  await all(__LATER__).catch(() => undefined);
}

/** Forgets old versions, but for the one before: other tabs may still show it, and need its files. */
async function activate(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
  // The first time, so that this very visit can be the last one with a network.
  await worker.clients.claim();
}

async function file(url: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(url)) ?? put(cache, url, kept.get(url)?.integrity ?? "");
}

/** A file of the version before, for a tab that still shows it; its page compares it with the hash. */
async function former(request: Request): Promise<Response> {
  return (await caches.match(request.url)) ?? fetch(request);
}

async function put(cache: Cache, url: string, integrity: string): Promise<Response> {
  const answer = await fetch(url, { integrity, cache: "no-cache", credentials: "omit", redirect: "error" });
  if (!answer.ok) throw new TypeError("a file of the page is missing");
  await cache.put(url, answer.clone());
  return answer;
}

/** The network's where it answers in time, else the one that was kept. */
async function config(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const address = new URL(CONFIG, scope).href;
  // The version before has one of its own, from when it went.
  const before = (await cache.match(address)) ?? (await caches.match(address));
  try {
    const answer = await fetch(request, before ? { signal: AbortSignal.timeout(TIMEOUT_MS) } : {});
    if (answer.ok && (await isConfig(answer.clone()))) await cache.put(address, answer.clone());
    return answer;
  } catch {
    return before ?? Response.error();
  }
}

/** Whether it is a configuration, and not what a network's own page says to every question. */
async function isConfig(answer: Response): Promise<boolean> {
  const config = (await answer.json().catch(() => null)) as { vault?: unknown } | null;
  return typeof config?.vault === "string";
}
