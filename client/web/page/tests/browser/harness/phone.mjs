/** A phone with a browser: Debian's Chromium, with a profile of its own that can be lost. */

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { filming } from "./camera.mjs";
import { CHROMIUM } from "./programs.mjs";
import { TIMEOUT, within } from "./within.mjs";

/** No request of the browser's own; it runs as root where CI does. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
];

/** The person does not want the browser to remember what is typed into forms: whether it may is not the page's to say. */
const PREFERENCES = {
  autofill: { enabled: false, profile_enabled: false, credit_card_enabled: false },
  credentials_enable_service: false,
  profile: { password_manager_enabled: false },
};
/** A small phone. */
const SIZE = { width: 360, height: 740 };

export class Phone {
  /** What the console said: `{ type, text }`. */
  console = [];
  /** Requests to other origins than the page's and the vault's. */
  strangers = [];

  /** Turns a phone on; `profile` is a folder, `camera` a film of what its camera sees. */
  static async on(test, profile, origins, { camera, ...options } = {}) {
    const phone = new Phone();
    phone.profile = profile;
    await mkdir(join(profile, "Default"), { recursive: true });
    const preferences = join(profile, "Default", "Preferences");
    await writeFile(preferences, JSON.stringify(PREFERENCES), { flag: "wx" }).catch(ignoreExisting);
    phone.context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      headless: true,
      args: camera === undefined ? ARGUMENTS : [...ARGUMENTS, ...filming(camera)],
      ...(camera === undefined ? {} : { permissions: ["camera"] }),
      viewport: SIZE,
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      locale: "en-GB",
      reducedMotion: "reduce",
      ...options,
    });
    test.after(() => phone.off());
    phone.context.setDefaultTimeout(TIMEOUT);
    phone.context.on("console", (message) => phone.console.push({ type: message.type(), text: message.text() }));
    phone.context.on("weberror", (error) => phone.console.push({ type: "error", text: String(error.error()) }));
    phone.context.on("request", (request) => {
      const { origin: asked, protocol } = new URL(request.url());
      if (!origins.includes(asked) && ["http:", "https:", "ws:", "wss:"].includes(protocol)) {
        phone.strangers.push(asked);
      }
    });
    phone.page = phone.context.pages()[0] ?? (await phone.newPage());
    return phone;
  }

  newPage() {
    return within("a new tab", this.context.newPage());
  }

  async off() {
    await within("the browser closes", this.context.close());
  }

  /** The phone is lost, with everything that it kept. */
  async lose() {
    await this.off();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A phone that was in use has its own. */
function ignoreExisting(error) {
  if (error.code !== "EEXIST") {
    throw error;
  }
}
