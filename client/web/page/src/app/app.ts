/** The page's state, which all screens share, and the way from one to the next. Secrets are not part of it. */

import type { Failure, DeviceState, Progress, SessionView, Vault } from "../api.ts";
import { clipboard } from "../logic/clipboard.ts";
import { asFailure } from "./failure.ts";
import { allowed, needsSession, type Route } from "./route.ts";
import type { LanguageTag, RawTexts } from "../texts/languages.ts";
import { textsOf, type Texts } from "../texts/texts.ts";

/** What the page's host tells beside the vault: the build, and a newer one that waits. */
export interface Host {
  readonly version: string;
  /** Where the list of hashes is, and where the limits are explained. */
  readonly hashes: string;
  readonly security: string;
  /** The texts of a language. */
  texts(language: LanguageTag): Promise<RawTexts>;
  /** Calls the listener when a newer version of the page is ready to take over. */
  onUpdate(listener: () => void): void;
  /** Lets the newer version take over, which loads the page anew. */
  update(): void;
}

export interface State {
  /** Whether it is known what the browser keeps; where that failed, why. */
  readonly begun: boolean | Failure;
  readonly deviceState: DeviceState;
  readonly session: SessionView | null;
  readonly route: Route;
  readonly texts: Texts;
  /** Said once, on the screen that is shown next. */
  readonly notice: string | null;
  /** Whether it warns. */
  readonly warns: boolean;
  readonly keyDerivation: boolean;
  readonly requesting: boolean;
  /** A screen says itself that it waits for a person at another device. */
  readonly waiting: boolean;
  /** How many steps run. */
  readonly running: number;
  readonly offline: boolean;
  readonly updateReady: boolean;
  /** The account was continued in another tab. */
  readonly elsewhere: boolean;
}

/** As long as it is not known what the browser keeps. */
const NO_DEVICE_STATE: DeviceState = {
  configuredVault: null,
  vault: null,
  account: false,
  named: false,
  deviceLabel: null,
  enrolled: null,
  pendingSave: false,
  code: null,
};

/** Kept over the end of a session, since a person has typed there, or has written down what is shown there. */
const KEPT_WHEN_LOCKED = ["add", "passphrase", "entry", "recovery-code", "rekey"];

/** Where what opens the account is typed, which does not stay when nobody is there any more. */
const CLEARED_WHEN_LOCKED = ["login", "recover", "register"];

export class App {
  state: State;
  /** A new account's recovery code is on the screen: it stays there until its user leaves. */
  showsCode = false;
  /** As it was typed for what is open, so that password managers keep it beside a new passphrase. */
  accountName = "";
  /** Asked before a screen is left; `false` stays. */
  mayLeave: (() => boolean) | null = null;
  /** What the screen does as soon as there is a network: it knows of the save that is kept here. */
  onOnline: (() => void) | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly vault: Vault,
    readonly host: Host,
    texts: RawTexts,
  ) {
    this.state = {
      begun: false,
      deviceState: NO_DEVICE_STATE,
      session: null,
      route: { name: "welcome" },
      texts: textsOf(texts, navigator.languages),
      notice: null,
      warns: false,
      keyDerivation: false,
      requesting: false,
      waiting: false,
      running: 0,
      offline: !navigator.onLine,
      updateReady: false,
      elsewhere: false,
    };
  }

  get texts(): Texts {
    return this.state.texts;
  }

  /** Connects the state with the browser and the worker. */
  start(): void {
    history.replaceState(this.state.route, "", location.pathname);
    addEventListener("popstate", (event) => this.returned(event.state));
    addEventListener("online", () => this.online());
    addEventListener("offline", () => this.set({ offline: true }));
    // The last moment at which a browser may let the page write, if it is quick enough: none waits for it.
    addEventListener("beforeunload", () => void clipboard.clearNow());
    this.host.onUpdate(() => this.set({ updateReady: true }));
    this.vault.onProgress((progress) => this.progress(progress));
  }

  set(change: Partial<State>): void {
    const said = "notice" in change ? { warns: false } : {};
    this.state = { ...this.state, ...said, ...change };
    for (const listener of this.listeners) {
      listener();
    }
  }

  /** Says what a person has to know before they go on. */
  warn(notice: string): void {
    this.set({ notice, warns: true });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Goes to a screen; `replace` where the way back must not lead to the present one. */
  go(route: Route, options: { replace?: boolean; notice?: string | undefined } = {}): void {
    const same = route.name === this.state.route.name;
    history[options.replace === true || same ? "replaceState" : "pushState"](route, "", `#${route.name}`);
    this.set({ route, notice: options.notice ?? null });
  }

  /** Goes to a screen unless the present one holds something that is not saved. */
  leaveFor(route: Route): void {
    if (this.mayLeave === null || this.mayLeave()) {
      this.go(route);
    }
  }

  back(): void {
    history.back();
  }

  /** Goes on with the newer version, unless the screen holds something that is not saved. */
  update(): void {
    if (this.mayLeave === null || this.mayLeave()) {
      void clipboard.clearNow().then(() => this.host.update());
    }
  }

  /** The account is open: everything before it is behind. */
  opened(session: SessionView, notice?: string): void {
    this.set({ session, elsewhere: false });
    this.go({ name: "account" }, { replace: true, notice });
    void this.lookAgain();
  }

  /** The account is closed. */
  async closed(route: Route, notice?: string): Promise<void> {
    // The screen stays until the next one is known: what a person does on a first screen that is drawn twice would be lost.
    await this.lookAgain();
    this.set({ session: null });
    this.go(route, { replace: true, notice });
  }

  /** Asks anew what this browser keeps. */
  async lookAgain(): Promise<void> {
    try {
      this.set({ deviceState: await this.vault.deviceState(), begun: true });
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code === "in-another-tab") {
        this.set({ elsewhere: true, session: null, begun: true });
      } else if (this.state.begun !== true) {
        this.set({ begun: failure });
      }
    }
  }

  /** Goes on in another language, once its texts are there. */
  async speak(language: LanguageTag): Promise<void> {
    this.set({ texts: textsOf(await this.host.texts(language), navigator.languages) });
  }

  /** Finishes the save that is kept here. What became of it is said by whoever asked. */
  async finish(): Promise<SessionView> {
    const session = await this.vault.finishPendingSave();
    this.set({ session: session.finished === "cannot-finish" ? session : { ...session, finished: "nothing" } });
    await this.lookAgain();
    return session;
  }

  /** Finishes it, and says so on the screen that is shown. */
  async finishKept(): Promise<void> {
    const { finished } = await this.finish();
    if (finished !== "cannot-finish" && finished !== "nothing") {
      this.set({ notice: this.texts.home.finished[finished] });
    }
  }

  /** A save that was kept for want of a network is sent by itself, where the account is open. */
  private online(): void {
    const { session, deviceState } = this.state;
    this.set({ offline: false });
    if (this.onOnline !== null) {
      this.onOnline();
    } else if (session !== null && deviceState.pendingSave) {
      // Where that fails, the first screen of the account still offers it.
      this.finishKept().catch(() => undefined);
    }
  }

  private returned(state: unknown): void {
    if (this.mayLeave !== null && !this.mayLeave()) {
      history.pushState(this.state.route, "", `#${this.state.route.name}`);
      return;
    }
    const route = allowed(state, this.state.session !== null);
    history.replaceState(route, "", `#${route.name}`);
    this.set({ route, notice: null });
  }

  private progress(progress: Progress): void {
    switch (progress.kind) {
      case "key-derivation":
        return this.set({ keyDerivation: progress.running });
      case "request":
        return this.set({ requesting: progress.running });
      case "in-another-tab":
        this.accountName = "";
        void clipboard.clearNow();
        return this.set({ elsewhere: true, session: null });
      case "session":
        return this.sessionChanged(progress.session);
    }
  }

  private sessionChanged(session: SessionView | null): void {
    if (session !== null) {
      return this.set({ session });
    }
    this.accountName = "";
    void clipboard.clearNow();
    // Steps that end the session say themselves where to go on.
    const { route, running } = this.state;
    if (this.state.session === null && running === 0 && !this.showsCode && CLEARED_WHEN_LOCKED.includes(route.name)) {
      return this.go({ name: "welcome" }, { replace: true, notice: this.texts.cleared });
    }
    if (this.state.session === null || running > 0 || KEPT_WHEN_LOCKED.includes(route.name)) {
      return;
    }
    this.set({ session: null });
    if (needsSession(route.name)) {
      this.go({ name: "welcome" }, { replace: true, notice: this.texts.sessionEnded });
    }
  }
}
