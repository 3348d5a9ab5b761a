import { beforeEach, expect, test, vi } from "vitest";

const SCOPE = "https://page.example.org/cellar/";
const asset = (name: string) => `${SCOPE}assets/${name}`;

/** The browser's caches, in the order in which they were made. */
let caches: Map<string, Map<string, Response>>;
let network: (url: string, options?: RequestInit) => Promise<Response>;
let asked: (RequestInit | undefined)[];

const open = (name: string) => {
  const cache = caches.get(name) ?? new Map<string, Response>();
  caches.set(name, cache);
  return {
    match: async (url: string) => cache.get(url)?.clone(),
    put: async (url: string, answer: Response) => void cache.set(url, answer),
  };
};

type Listener = (event: { request?: unknown; waitUntil(done: Promise<void>): void; respondWith(answer: Promise<Response>): void }) => void;

/** A service worker of a build, with its listeners. */
async function version(build: string, listed: string[], later: string[] = []) {
  const listeners = new Map<string, Listener>();
  vi.resetModules();
  vi.stubGlobal("__BUILD__", build);
  vi.stubGlobal("__FILES__", listed.map((path) => ({ path, integrity: `sha384-${path}` })));
  vi.stubGlobal("__LATER__", later.map((path) => ({ path, integrity: `sha384-${path}` })));
  vi.stubGlobal("self", {
    registration: { scope: SCOPE },
    clients: { claim: async () => undefined },
    addEventListener: (type: string, listener: Listener) => listeners.set(type, listener),
  });
  await import("./sw.ts");
  const until = async (type: string) => {
    let done: Promise<void> = Promise.resolve();
    listeners.get(type)?.({ waitUntil: (promise) => (done = promise), respondWith: () => undefined });
    await done;
  };
  return {
    arrives: async () => {
      await until("install");
      await until("activate");
    },
    installs: () => until("install"),
    answers: async (url: string, mode = "cors") => {
      let answer: Promise<Response> | undefined;
      const request = { url, method: "GET", mode };
      listeners.get("fetch")?.({ request, waitUntil: () => undefined, respondWith: (given) => (answer = given) });
      return answer === undefined ? "not kept" : (await answer).text();
    },
  };
}

beforeEach(() => {
  caches = new Map();
  asked = [];
  network = async (url) => new Response(`network ${url}`);
  vi.stubGlobal("caches", {
    open: async (name: string) => open(name),
    keys: async () => [...caches.keys()],
    delete: async (name: string) => caches.delete(name),
    match: async (url: string) => [...caches.values()].find((cache) => cache.has(url))?.get(url)?.clone(),
  });
  vi.stubGlobal("fetch", async (request: string | { url: string }, options?: RequestInit) => {
    asked.push(options);
    return network(typeof request === "string" ? request : request.url, options);
  });
});

test("a tab of the version before finds its files; older versions, and no page beside this one, are forgotten", async () => {
  caches.set("rootcellar / other", new Map());
  for (const build of ["one", "two"]) await (await version(build, [`assets/${build}.js`])).arrives();
  const three = await version("three", ["assets/three.js"]);
  await three.arrives();
  expect([...caches.keys()]).toEqual(["rootcellar / other", "rootcellar /cellar/ two", "rootcellar /cellar/ three"]);
  network = async () => new Response("gone", { status: 404 });
  expect(await three.answers(asset("two.js"))).toBe(`network ${asset("two.js")}`);
  expect(await three.answers(asset("one.js"))).toBe("gone");
});

test("what is needed later is there after an installation, which does not depend on it", async () => {
  const whole = await version("one", ["assets/main.js"], ["assets/strength.json"]);
  await whole.arrives();
  network = async () => Promise.reject(new TypeError("offline"));
  expect(await whole.answers(asset("strength.json"))).toBe(`network ${asset("strength.json")}`);

  network = async (url) => (url.endsWith("json") ? Promise.reject(new TypeError("offline")) : new Response(url));
  await (await version("two", ["assets/main.js"], ["assets/more.json"])).installs();
  network = async () => Promise.reject(new TypeError("offline"));
  await expect((await version("three", ["assets/main.js"])).installs()).rejects.toThrow();
});

const CONFIG = `${SCOPE}config.json`;
const config = (vault: string) => JSON.stringify({ vault });

test("a dead network does not keep the page from opening", async () => {
  const one = await version("one", []);
  network = async () => new Response(config("."));
  expect(await one.answers(CONFIG)).toBe(config("."));
  expect(asked.at(-1)?.signal).toBeUndefined();
  network = async (_, options) => {
    expect(options?.signal).toBeInstanceOf(AbortSignal);
    return Promise.reject(new DOMException("too long", "TimeoutError"));
  };
  expect(await one.answers(CONFIG)).toBe(config("."));

  // What the version before has kept holds until this one was told anew.
  const two = await version("two", []);
  await two.arrives();
  expect(await two.answers(CONFIG)).toBe(config("."));
  network = async () => new Response(config("https://moved.example.org"));
  expect(await two.answers(CONFIG)).toBe(config("https://moved.example.org"));
  network = async () => Promise.reject(new TypeError("offline"));
  expect(await two.answers(CONFIG)).toBe(config("https://moved.example.org"));
});

test("what is no configuration does not take the place of the one that was kept", async () => {
  const one = await version("one", []);
  network = async () => new Response(config("."));
  await one.answers(CONFIG);
  for (const said of ["<p>Log in to this network</p>", "null", "[]", '{"vault":7}']) {
    network = async () => new Response(said);
    expect(await one.answers(CONFIG)).toBe(said);
    network = async () => Promise.reject(new TypeError("offline"));
    expect(await one.answers(CONFIG)).toBe(config("."));
  }
});

test("what is not the page's goes to the network as if nothing were here", async () => {
  const one = await version("one", ["assets/main.js"]);
  expect(await one.answers("https://vault.example.org/v1/vault")).toBe("not kept");
  expect(await one.answers(`${SCOPE}v1/vault`)).toBe("not kept");
});
