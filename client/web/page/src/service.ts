/** The service worker, as the page sees it: registered once, and a newer version of the page offered when it is all there. */
import { scriptUrl } from "./policy.ts";

const listeners: (() => void)[] = [];
let waiting: ServiceWorker | undefined;

/** Registers it. A browser that has none, or keeps nothing, shows the page all the same while it is online. */
export async function registerService(base: string): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    const url = new URL("sw.js", base).href;
    const registration = await navigator.serviceWorker.register(scriptUrl(url), { updateViaCache: "none" });
    follow(registration);
  } catch {
    // Nothing is lost but the page while offline.
  }
}

/** Calls the listener when a newer version of the page is whole and waits. */
export function onUpdate(listener: () => void): void {
  listeners.push(listener);
  if (waiting) listener();
}

/** Lets the newer version take over, and loads the page anew. */
export function update(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting?.postMessage("take-over");
}

function follow(registration: ServiceWorkerRegistration): void {
  const ready = (worker: ServiceWorker | null) => {
    // The first one of all takes over from nobody.
    if (!worker || !navigator.serviceWorker.controller) return;
    waiting = worker;
    listeners.forEach((listener) => listener());
  };
  ready(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed") ready(worker);
    });
  });
}
