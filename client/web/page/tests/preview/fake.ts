/** A vault that only pretends, for looking at the screens without a server. Never part of the page. */

import type { Item, DeviceState, Progress, SessionView, Vault } from "../../src/api.ts";

const WORDS =
  "abandon ability able about above absent absorb abstract absurd abuse access accident account accuse achieve acid acoustic acquire across act legal winner thank year wave sausage worth useful letter advice cage zoo zone zero".split(
    " ",
  );
const CODE = "legal winner thank year wave sausage worth useful letter advice cage absurd";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const words = (secret: Uint8Array): string[] => new TextDecoder().decode(secret).split(" ");

export class FakeVault implements Vault {
  now: DeviceState;
  session: SessionView | null = null;
  /** What the next calls of these names are refused with. */
  refusals = new Map<string, unknown>();
  private listener: (progress: Progress) => void = () => undefined;

  constructor(deviceState: Partial<DeviceState> = {}) {
    this.now = {
      configuredVault: null,
      vault: null,
      account: false,
      named: false,
      deviceLabel: null,
      enrolled: null,
      pendingSave: false,
      code: null,
      ...deviceState,
    };
  }

  private async slow(name: string, kind: "key-derivation" | "request" = "request", milliseconds = 50): Promise<void> {
    this.listener({ kind, running: true });
    await new Promise((done) => setTimeout(done, milliseconds));
    this.listener({ kind, running: false });
    const refusal = this.refusals.get(name);
    if (refusal !== undefined) {
      this.refusals.delete(name);
      throw refusal;
    }
  }

  view(change: Partial<SessionView> = {}): SessionView {
    const item = (id: string, label: string, kind: Item["kind"], fingerprint: string | null): Item => ({
      id,
      label,
      kind,
      createdAt: 1_762_000_000,
      changedAt: 1_763_000_000,
      fingerprint,
    });
    this.session = {
      permission: "manage",
      by: "passphrase",
      backup: { number: 7, at: 1_763_800_000, device: "Pixel 9", older: false },
      items: [
        item("a", "Hardware wallet", "bip39", "b4e3f5ed"),
        item("b", "Savings, multisig cosigner 2", "seed", null),
        item("c", "Notes for the family", "text", null),
      ],
      refused: null,
      failedAttempts: 0,
      named: true,
      finished: "nothing",
      devicesRefused: false,
      code: null,
      accountName: "winter-wanderer",
      vaultAddress: "https://vault.example.org",
      ...change,
    };
    return this.session;
  }

  private opened(): void {
    this.now = { ...this.now, account: true, named: true, vault: this.now.configuredVault ?? "https://vault.example.org", deviceLabel: "Chrome, Android" };
  }

  deviceState = async (): Promise<DeviceState> => this.now;
  vaultInfo = async () => {
    await this.slow("vaultInfo");
    return { registration: "invite" } as const;
  };
  generatePassphrase = async () => bytes("orchard-lantern-quiet-seven-wall-under");
  judgePassphrase = async (passphrase: Uint8Array) =>
    passphrase.length > 20 ? { strong: true, score: 4, reasons: [] } : { strong: false, score: 1, reasons: ["wordByItself", "anotherWord"] };
  register = async () => {
    await this.slow("register", "key-derivation", 900);
    this.opened();
    return this.view({ backup: null, items: [] });
  };
  login = async () => {
    await this.slow("login", "key-derivation", 900);
    this.opened();
    return this.view();
  };
  open = async () => {
    await this.slow("open");
    return this.view({ by: "device" });
  };
  recover = async () => {
    await this.slow("recover");
    this.opened();
    return this.view({ by: "recovery-code" });
  };
  setPassphrase = async () => this.slow("setPassphrase", "key-derivation");
  close = async () => undefined;
  forget = async () => {
    this.now = { ...this.now, vault: null, account: false, named: false, deviceLabel: null, enrolled: null, pendingSave: false };
  };
  openEntry = async (id: string) => {
    await this.slow("openEntry");
    const details = { derivationPaths: ["m/84'/0'/0'"], network: "bitcoin", birthday: "2024-02-29" };
    if (id === "a") {
      return { kind: "bip39", secret: bytes(CODE), language: "english", bip39Passphrase: null, unseen: [], details } as const;
    }
    return { kind: "text", secret: bytes("The box is behind the third shelf."), language: null, bip39Passphrase: null, unseen: [], details } as const;
  };
  save = async () => {
    await this.slow("save");
    this.view({ backup: { number: 8, at: 1_763_810_000, device: "Chrome, Android", older: false } });
    return { number: 8, merged: false };
  };
  refresh = async () => {
    await this.slow("refresh");
    return this.view();
  };
  finishPendingSave = async () => this.view({ finished: "saved" });
  discardPendingSave = async () => this.view();
  backups = async () => {
    await this.slow("backups");
    return [7, 6, 5].map((number) => ({ number, at: 1_763_800_000 - (7 - number) * 400_000 }));
  };
  devices = async () => {
    await this.slow("devices");
    const device = { kind: "app", enrolledAt: 1_760_000_000, lastSeenAt: 1_763_800_000 } as const;
    return [
      { id: "1", label: "Pixel 9", permission: "backup", isThis: false, ...device },
      { id: "2", label: "Chrome, Android", permission: "manage", isThis: true, ...device },
      { id: "3", label: "Phone account", permission: "restore", isThis: false, ...device, kind: "passkey" },
    ] as const;
  };
  enrol = async () => {
    await this.slow("enrol");
    this.now = { ...this.now, enrolled: "backup" };
  };
  permit = async () => ({ rekeyReason: "forges-backups" as const, endedSession: false });
  revoke = async () => ({ rekeyReason: "reads-backups" as const, endedSession: false });
  offerPairing = async () => {
    await this.slow("offerPairing");
    return `rootcellar-pair-1:${"aB3_".repeat(22)}xyz`;
  };
  awaitPairing = async () => {
    await new Promise((done) => setTimeout(done, 1500));
    return "493827";
  };
  finishPairing = async () => {
    await this.slow("finishPairing");
    this.opened();
    this.now = { ...this.now, enrolled: "backup" };
    return "backup" as const;
  };
  meetPairing = async () => {
    await this.slow("meetPairing");
    return { label: "Firefox, Linux", code: "493827", replaces: null };
  };
  confirmPairing = async () => this.slow("confirmPairing");
  cancelPairing = async () => undefined;
  history = async () => {
    await this.slow("history");
    const event = (kind: string, detail = 0, proven = false, subject: string | null = null) =>
      ({ at: 1_763_800_000, kind, by: "passphrase", device: "Pixel 9", subject, detail, proven }) as const;
    return {
      events: [event("save", 7, true), event("enrolment", 2, true, "Chrome, Android"), event("login", 2), event("registration")],
      gap: true,
      failedAttempts: 2,
    };
  };
  generateFirstCode = async () => bytes(CODE);
  generateRecoveryCode = async () => bytes(CODE);
  dismissCode = async () => {
    this.now = { ...this.now, code: null };
  };
  mayRekey = async () => undefined;
  useRecoveryCode = async () => this.slow("useRecoveryCode");
  rekey = async () => this.slow("rekey");
  deleteAccount = async () => {
    await this.forget();
  };
  completeWord = async (prefix: string, _language: string | null, most: number) =>
    WORDS.filter((word) => word.startsWith(prefix)).slice(0, most);
  checkPhrase = async (secret: Uint8Array) => {
    const typed = words(secret);
    const wrong = typed
      .map((word, at) => ({ word, position: at + 1 }))
      .filter(({ word }) => word !== "" && !WORDS.includes(word))
      .map(({ position }) => ({ position, nearest: ["absurd", "absorb"] }));
    if (typed.includes("")) {
      return { state: "incomplete", wrong } as const;
    }
    return wrong.length > 0 ? ({ state: "wrong-word", wrong } as const) : typed.at(-1) === "zoo" ? ({ state: "checksum" } as const) : ({ state: "good", language: "english" } as const);
  };
  checkRecoveryCode = this.checkPhrase;
  isOddPassphrase = async (passphrase: Uint8Array) => {
    const text = new TextDecoder().decode(passphrase);
    return text.trim() !== text;
  };
  continueHere = async () => undefined;
  onProgress(listener: (progress: Progress) => void): void {
    this.listener = listener;
  }
}
