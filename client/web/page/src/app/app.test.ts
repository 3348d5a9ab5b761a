import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeviceState, Progress, SessionView, Vault } from "../api.ts";
import { clipboard } from "../logic/clipboard.ts";
import de from "../texts/de.json";
import en from "../texts/en.json";
import { App, type Host } from "./app.ts";

const KNOWN: DeviceState = { configuredVault: null, vault: null, account: false, named: false, deviceLabel: null, enrolled: null, pendingSave: false, code: null };
const SESSION = { permission: "manage", items: [] } as unknown as SessionView;

/** The browser's history, as far as the page uses it. */
class Entries {
  entries: unknown[] = [null];
  at = 0;
  pushState = (state: unknown): void => {
    this.entries = [...this.entries.slice(0, this.at + 1), state];
    this.at += 1;
  };
  replaceState = (state: unknown): void => {
    this.entries[this.at] = state;
  };
  back = (): void => {
    this.at = Math.max(0, this.at - 1);
    listeners.get("popstate")?.({ state: this.entries[this.at] });
  };
}

const listeners = new Map<string, (event: { state?: unknown }) => void>();
let entries: Entries;
let progress: (progress: Progress) => void;
let deviceState: DeviceState;
const finishPendingSave = vi.fn();

/** What was begun has ended. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function started(): App {
  const vault = { deviceState: async () => deviceState, finishPendingSave, onProgress: (listener: typeof progress) => (progress = listener) } as unknown as Vault;
  const host = { onUpdate: () => undefined, texts: async () => de } as unknown as Host;
  const app = new App(vault, host, en);
  app.start();
  return app;
}

describe("the page", () => {
  beforeEach(() => {
    entries = new Entries();
    deviceState = KNOWN;
    finishPendingSave.mockReset();
    listeners.clear();
    vi.stubGlobal("history", entries);
    vi.stubGlobal("location", { pathname: "/" });
    vi.stubGlobal("navigator", { onLine: true });
    vi.stubGlobal("addEventListener", (name: string, listener: () => void) => listeners.set(name, listener));
  });
  afterEach(() => vi.unstubAllGlobals());

  it("goes back to the screen before", () => {
    const app = started();
    app.go({ name: "login" });
    app.go({ name: "recover" });
    app.back();
    expect(app.state.route).toEqual({ name: "login" });
    app.back();
    expect(app.state.route).toEqual({ name: "welcome" });
  });

  it("warns until something else is said", () => {
    const app = started();
    app.warn("not yet");
    expect(app.state).toMatchObject({ notice: "not yet", warns: true });
    app.set({ offline: true });
    expect(app.state.warns).toBe(true);
    app.set({ notice: "saved" });
    expect(app.state).toMatchObject({ notice: "saved", warns: false });
  });

  it("does not go back behind an open account, nor into a closed one", async () => {
    const app = started();
    app.go({ name: "login" });
    app.opened(SESSION);
    app.go({ name: "add" });
    app.back();
    expect(app.state.route.name).toBe("account");
    app.back();
    expect(app.state.route.name).toBe("account");
    app.go({ name: "devices" });
    await app.closed({ name: "welcome" }, "closed");
    expect(app.state).toMatchObject({ route: { name: "welcome" }, notice: "closed", session: null });
    app.back();
    expect(app.state.route.name).toBe("welcome");
  });

  it("stays where something is not saved", () => {
    const app = started();
    app.opened(SESSION);
    app.go({ name: "add" });
    let may = false;
    app.mayLeave = () => may;
    app.back();
    expect(app.state.route.name).toBe("add");
    app.leaveFor({ name: "settings" });
    expect(app.state.route.name).toBe("add");
    may = true;
    app.back();
    expect(app.state.route.name).toBe("account");
  });

  it("closes when the session ends, but keeps what is being typed", () => {
    const app = started();
    app.opened(SESSION);
    progress({ kind: "session", session: null });
    expect(app.state).toMatchObject({ route: { name: "welcome" }, session: null, notice: en.sessionEnded });
    app.opened(SESSION);
    app.go({ name: "add" });
    progress({ kind: "session", session: null });
    expect(app.state).toMatchObject({ route: { name: "add" }, session: SESSION });
    for (const name of ["recovery-code", "rekey"] as const) {
      app.go({ name });
      progress({ kind: "session", session: null });
      expect(app.state.route).toEqual({ name });
    }
  });

  it("clears what opens an account where nobody is there any more, but for a code that is to be written down", () => {
    const app = started();
    for (const name of ["login", "recover", "register"] as const) {
      app.go({ name });
      app.set({ running: 1 });
      progress({ kind: "session", session: null });
      expect(app.state.route.name).toBe(name);
      app.set({ running: 0 });
      progress({ kind: "session", session: null });
      expect(app.state).toMatchObject({ route: { name: "welcome" }, notice: en.cleared });
    }
    app.go({ name: "register" });
    app.showsCode = true;
    progress({ kind: "session", session: null });
    expect(app.state.route.name).toBe("register");
    for (const name of ["recovery-code", "rekey"] as const) {
      app.go({ name });
      progress({ kind: "session", session: null });
      expect(app.state.route).toEqual({ name });
    }
  });

  it("leaves the end of a session to the step that brings it about", () => {
    const app = started();
    app.opened(SESSION);
    app.go({ name: "rekey" });
    app.set({ running: 1 });
    progress({ kind: "session", session: null });
    expect(app.state.route.name).toBe("rekey");
  });

  it("goes on with a newer version only where nothing is lost by it", async () => {
    const app = started();
    const update = vi.fn();
    Object.assign(app.host, { update });
    app.mayLeave = () => false;
    app.update();
    await settled();
    expect(update).not.toHaveBeenCalled();
    app.mayLeave = () => true;
    app.update();
    await vi.waitFor(() => expect(update).toHaveBeenCalledOnce());
  });

  it("takes what was copied out of the clipboard when it is closed", () => {
    started();
    const cleared = vi.spyOn(clipboard, "clearNow").mockResolvedValue();
    listeners.get("beforeunload")?.({});
    expect(cleared).toHaveBeenCalledOnce();
    cleared.mockRestore();
  });

  it("says why it cannot begin, and begins once it can", async () => {
    const app = started();
    expect(app.state.begun).toBe(false);
    const failure = { code: "storage", uncertain: false };
    const refused = vi.spyOn(app.vault, "deviceState").mockRejectedValueOnce(failure);
    await app.lookAgain();
    expect(app.state.begun).toEqual(failure);
    await app.lookAgain();
    expect(app.state.begun).toBe(true);
    refused.mockRejectedValueOnce({ code: "storage", uncertain: false });
    await app.lookAgain();
    expect(app.state.begun).toBe(true);
  });

  it("opens beside another tab without taking the account from it", async () => {
    const app = started();
    vi.spyOn(app.vault, "deviceState").mockRejectedValueOnce({ code: "in-another-tab", uncertain: false });
    await app.lookAgain();
    expect(app.state).toMatchObject({ elsewhere: true, begun: true });
  });

  it("holds nothing once another tab goes on", () => {
    const app = started();
    app.opened(SESSION);
    progress({ kind: "in-another-tab" });
    expect(app.state).toMatchObject({ elsewhere: true, session: null });
  });

  it("says what happens meanwhile, and whether there is a network", () => {
    const app = started();
    progress({ kind: "key-derivation", running: true });
    progress({ kind: "request", running: true });
    listeners.get("offline")?.({});
    expect(app.state).toMatchObject({ keyDerivation: true, requesting: true, offline: true });
    progress({ kind: "key-derivation", running: false });
    listeners.get("online")?.({});
    expect(app.state).toMatchObject({ keyDerivation: false, requesting: true, offline: false });
  });

  it("tells its screens of each change until they are gone", () => {
    const app = started();
    const listener = vi.fn();
    const stop = app.subscribe(listener);
    app.go({ name: "login" });
    expect(listener).toHaveBeenCalledTimes(1);
    stop();
    app.go({ name: "recover" });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it("goes on in another language", async () => {
    const app = started();
    await app.speak("de");
    expect(app.texts.tag).toBe("de");
  });

  it("sends a save that is kept as soon as there is a network, and says so once", async () => {
    deviceState = { ...KNOWN, pendingSave: true };
    const app = started();
    app.opened(SESSION);
    await settled();
    finishPendingSave.mockImplementation(async () => {
      deviceState = KNOWN;
      return { ...SESSION, finished: "saved" };
    });
    listeners.get("online")?.({});
    await settled();
    expect(app.state).toMatchObject({ notice: en.home.finished.saved, session: { finished: "nothing" } });
    listeners.get("online")?.({});
    await settled();
    expect(finishPendingSave).toHaveBeenCalledOnce();
  });

  it("leaves that to a screen that knows of the save, and sends nothing where nothing is open", async () => {
    deviceState = { ...KNOWN, pendingSave: true };
    const app = started();
    await app.lookAgain();
    listeners.get("online")?.({});
    app.opened(SESSION);
    await settled();
    app.onOnline = vi.fn();
    listeners.get("online")?.({});
    expect(app.onOnline).toHaveBeenCalledOnce();
    expect(finishPendingSave).not.toHaveBeenCalled();
  });
});
