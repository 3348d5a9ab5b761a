/**
 * What the page asks of its worker, in which all cryptography, all requests and all storage happen.
 *
 * Secrets cross as bytes (UTF-8): whoever sends a `Uint8Array` gives it away, since its buffer is transferred, and whoever
 * receives one wipes it (`fill(0)`) as soon as it is shown or used. No secret is ever in an error.
 */

/** Each includes the ones before it. */
export type Permission = "view" | "backup" | "restore" | "manage";

/** UTF-8 of a secret. */
export type Secret = Uint8Array;

/**
 * Why something failed: a stable code of `spec/errors.md`, or one of the page: `offline`, `saved-locally` (a save that
 * waits for a network), `locked` (nothing is open),
 * `in-another-tab`, `input`, `cancelled`, `account-known` (register where an account is known), `not-enrolled`,
 * `paired-not-stored` and `paired-not-committed` (let in, but the browser's storage failed: finish it again), `no-pairing`,
 * `enrolled-not-committed` and `rekeyed-not-committed` (done, but the browser's storage failed: the next opening stores the rest),
 * `storage` and `storage-damaged` (the browser's storage),
 * `page-damaged` (a file of the page is not the one that was built, or did not load), `internal`.
 */
export interface Failure {
  readonly code: string;
  /** Whether it is not known if the vault did it: the same step is to be done again, which finishes it. */
  readonly uncertain: boolean;
  /** Nothing more can come of a pairing that is under way: else its step may be done again. */
  readonly over?: boolean;
  /** Seconds to wait before the next try. */
  readonly retryAfter?: number;
  /** Tries left before waits begin, with `passphrase-or-account`. */
  readonly remaining?: number;
  /** Seconds until the next try is possible, with `passphrase-or-account`. */
  readonly nextWait?: number;
  /** When the operator replaced the root secret (seconds since 1970): passphrases from before do not work. */
  readonly passphrasesSince?: number;
  /** With `rollback`, `fork` and `gap`: the number of the newest backup that this device has seen, and of the one it was offered. */
  readonly seen?: number;
  readonly offered?: number;
  /** With `recovery-code-waiting`: the vault at which a registration waits, if it is another one. */
  readonly vault?: string;
  /** With `not-permitted`: what it needs. */
  readonly needs?: Permission;
  /**
   * With `input`: which field (`vault`, `name`, `passphrase`, `code`, `label`, `deviceLabel`, `secret`, `bip39Passphrase`,
   * `derivationPaths`, `network`, `birthday`, `details`, `pairing`), and what is wrong with it: `empty`, `too-long`,
   * `unassigned`, `untypable` and `space` of names and passphrases; `not-a-url`, `scheme`, `insecure`, `host`, `path`, `credentials` of a
   * vault; `word-count`, `unknown-word`, `checksum`, `ambiguous`, `is-recovery-code` of a phrase, `is-phrase` of a code that is
   * a phrase; `seed-length`, `not-hex`, `text-length` of secrets; `no-pairing`, `newer`, `damaged` of a pairing's text; else
   * `invalid`.
   */
  readonly field?: string;
  readonly reason?: string;
  /** With a wrong word: its place from 1, and the words that may have been meant. */
  readonly position?: number;
  readonly nearest?: readonly string[];
  /** With `unassigned`, `untypable` and `space`: where the character is, counted from 1, and its code point, such as `U+200B`. */
  readonly at?: number;
  readonly character?: string;
}

/** What happens meanwhile; the page shows it. */
export type Progress =
  | { readonly kind: "key-derivation"; readonly running: boolean }
  | { readonly kind: "request"; readonly running: boolean }
  | { readonly kind: "session"; readonly session: SessionView | null }
  /** The session's owner continued in another tab: this one holds nothing any more. */
  | { readonly kind: "in-another-tab" };

/** What this browser keeps. */
export interface DeviceState {
  /** The vault that the page is for, as the page's host configured it; `null` where the person types its address. */
  readonly configuredVault: string | null;
  /** The vault of the account that is known here. */
  readonly vault: string | null;
  /** Whether an account is known here. */
  readonly account: boolean;
  /** Whether it can be opened without its name: a browser that was paired, or recovered, does not know that. */
  readonly named: boolean;
  /** What this device is called in the account. */
  readonly deviceLabel: string | null;
  /** What this browser may do without the passphrase, if it is enrolled, or may be; `backup` if the permission is not recorded. */
  readonly enrolled: Permission | null;
  /** Whether a save was begun and not finished. */
  readonly pendingSave: boolean;
  /** What is recorded here of a recovery code that is not known to be active. */
  readonly code: CodeNotice | null;
}

/** A recovery code that was handed out in this browser. */
export interface CodeNotice {
  readonly purpose: "registration" | "recovery-code" | "rekey";
  /**
   * `active`: it is valid. `waiting`: it was confirmed, and the next login finds out. `unconfirmed` and `refused`: the former code, if
   * there was one, is valid. `superseded`: another code was set since.
   */
  readonly state: "active" | "waiting" | "unconfirmed" | "refused" | "superseded";
  /** When it was drawn, by this device's clock. */
  readonly generatedAt: number;
  /** With `registration`: the address of the vault at which it was made, or waits. */
  readonly vault: string | null;
}

/** An open account. */
export interface SessionView {
  readonly permission: Permission;
  readonly by: "passphrase" | "recovery-code" | "device";
  /** Which backup is open: number, when the vault took it, and the device that made it. `null` before the first save. */
  readonly backup: { readonly number: number; readonly at: number; readonly device: string; readonly older: boolean } | null;
  /**
   * The code of why the newest backup was refused, if the account was opened without it (`Acceptance.newest`): nothing is known of
   * what is backed up, and nothing can be saved. Else `null`.
   */
  readonly refused: string | null;
  readonly items: readonly Item[];
  readonly failedAttempts: number;
  /** Whether a name leads to the account: where none does, setting a passphrase needs one. */
  readonly named: boolean;
  /**
   * What became of a save that was found unfinished; `later`: it could not be finished now, and is tried again; `offline`: the
   * vault could not be reached, and the account is open as this enrolled browser has seen it last.
   */
  readonly finished: "nothing" | "offline" | "already-saved" | "saved" | "merged" | "cannot-finish" | "later";
  /** The vault's word on devices contradicts itself: restoring works, devices cannot be changed. */
  readonly devicesRefused: boolean;
  /** What was found out about a recovery code when the account was opened. */
  readonly code: CodeNotice | null;
  /** What the next login by passphrase needs, as the backup notes it: the account's name, and where the vault was reached last. */
  readonly accountName: string | null;
  readonly vaultAddress: string | null;
}

/** One thing that is backed up, without its secret. Ids are base64url. */
export interface Item {
  readonly id: string;
  readonly label: string;
  readonly kind: "bip39" | "seed" | "text" | "unknown";
  readonly createdAt: number;
  readonly changedAt: number;
  /** Eight hexadecimal digits that wallets show, too. */
  readonly fingerprint: string | null;
}

export interface Details {
  readonly derivationPaths: readonly string[];
  readonly network: string | null;
  readonly birthday: string | null;
}

/** A secret of an entry; a phrase's words are separated as its language writes them, a seed is hexadecimal. */
export interface OpenedEntry {
  readonly kind: "bip39" | "seed" | "text";
  readonly secret: Secret;
  readonly language: string | null;
  readonly bip39Passphrase: Secret | null;
  /** Places of characters that cannot be seen, by code points from 0: of the BIP-39 passphrase, or of a text. */
  readonly unseen: readonly number[];
  readonly details: Details;
}

export interface NewEntry {
  /** Where it is the label that is shown of an entry that is removed with the same save, the new one is called exactly as that. */
  readonly label: string;
  readonly kind: "bip39" | "seed" | "text";
  readonly secret: Secret;
  readonly language: string | null;
  readonly bip39Passphrase: Secret | null;
  readonly details: Details;
}

export interface Saved {
  readonly number: number;
  /** Another device had saved first, and both are kept. */
  readonly merged: boolean;
}

export interface Device {
  readonly id: string;
  readonly label: string;
  readonly permission: Permission;
  /** `unknown`: of a newer version. */
  readonly kind: "app" | "passkey" | "unknown";
  readonly enrolledAt: number;
  /** To the day. */
  readonly lastSeenAt: number;
  readonly isThis: boolean;
}

/** It opens stored copies of backups; or it forges backups together with a dishonest vault. */
export type RekeyReason = "reads-backups" | "forges-backups";

export interface DeviceChange {
  /** Why new keys are advised, if they are: what the device can still do with keys that it held. */
  readonly rekeyReason: RekeyReason | null;
  /** The open session ended with the change. */
  readonly endedSession: boolean;
}

export interface HistoryEvent {
  readonly at: number;
  /** One of section 20 of the protocol, or one that this page does not know. */
  readonly kind: string;
  readonly by: "passphrase" | "recovery-code" | "device";
  /** Labels of the devices, where they are still known; else `null` for none and the id for one that is gone. */
  readonly device: string | null;
  readonly subject: string | null;
  readonly detail: number;
  /** Whether the snapshot, the device list or the keys that this device holds prove it; else it is the vault's word. */
  readonly proven: boolean;
}

export interface History {
  /** Newest first. */
  readonly events: readonly HistoryEvent[];
  /** Events between what this device saw and what the vault gives are missing. */
  readonly gap: boolean;
  readonly failedAttempts: number;
}

/** What a person lets go of, knowing why. */
export interface Acceptance {
  /** Backups older than, forked from or too far ahead of what this device has seen. */
  readonly history?: boolean;
  /** Another key of the vault than the one that is known here. */
  readonly serverKey?: boolean;
  /**
   * The newest backup, if it is refused because it does not open or does not continue what this device has seen: the account is
   * open without any then. No meaning with the number of an older one.
   */
  readonly newest?: boolean;
}

export interface VaultInfo {
  readonly registration: "open" | "invite" | "closed";
}

/** How strong a passphrase is. */
export interface Judgement {
  readonly strong: boolean;
  /** 0 to 4. */
  readonly score: number;
  /** Keys of the texts that say why it is weak. */
  readonly reasons: readonly string[];
}

/** What is wrong with a phrase that is being typed. */
export type PhraseCheck =
  | { readonly state: "incomplete"; readonly wrong: readonly WrongWord[] }
  | { readonly state: "wrong-word"; readonly wrong: readonly WrongWord[] }
  | { readonly state: "word-count"; readonly count: number }
  | { readonly state: "checksum" }
  | { readonly state: "ambiguous"; readonly languages: readonly string[] }
  /** The words are a recovery code, which does not belong into the vault that it opens. */
  | { readonly state: "is-recovery-code" }
  /** The words are a wallet's seed phrase, typed where a recovery code belongs. */
  | { readonly state: "is-phrase" }
  | { readonly state: "good"; readonly language: string };

export interface WrongWord {
  /** From 1. */
  readonly position: number;
  readonly nearest: readonly string[];
}

/** Each method's promise is refused with a `Failure`. At most one runs at a time; the next waits. */
export interface Vault {
  deviceState(): Promise<DeviceState>;

  vaultInfo(vault: string): Promise<VaultInfo>;
  generatePassphrase(): Promise<Secret>;
  judgePassphrase(passphrase: Secret, hints: readonly string[]): Promise<Judgement>;

  /** Draws the recovery code of a new account, to be written down and confirmed before `register`. It opens nothing yet. */
  generateFirstCode(vault: string, deviceLabel: string): Promise<Secret>;
  /**
   * Makes an account with a code that its user has confirmed, and opens it. If it is not known whether the account was made
   * (`uncertain`), the same call finds out, and so does a later login. After any other failure nothing was made, and the same code can
   * be used again. If the vault accepts no passphrase for now, the session is by the recovery code. The passphrase must have been
   * judged strong, or generated; a weak one is refused with `weak-passphrase`.
   */
  register(
    vault: string,
    name: string,
    passphrase: Secret,
    invite: string | null,
    deviceLabel: string,
    recoveryCode: Secret,
  ): Promise<SessionView>;
  /** `vault` and `name` are needed where no account is known here. `backup` opens an older one by its number. */
  login(options: {
    readonly vault: string | null;
    readonly name: string | null;
    readonly passphrase: Secret;
    readonly deviceLabel: string | null;
    readonly restore: boolean;
    readonly backup: number | null;
    readonly accept: Acceptance;
  }): Promise<SessionView>;
  /** Opens the account by this browser's enrolment, without the passphrase. `restore`: entries are to be opened. */
  open(restore: boolean, accept: Acceptance): Promise<SessionView>;
  recover(options: {
    readonly vault: string | null;
    readonly code: Secret;
    readonly deviceLabel: string | null;
    readonly backup: number | null;
    readonly accept: Acceptance;
  }): Promise<SessionView>;
  /** After a recovery, or in a session: the new passphrase. Ends the session. `name` where none leads to the account. */
  setPassphrase(passphrase: Secret, name: string | null): Promise<void>;
  /** Forgets the keys that the worker holds. */
  close(): Promise<void>;
  /** Forgets everything that this browser keeps. */
  forget(): Promise<void>;

  openEntry(id: string): Promise<OpenedEntry>;
  save(add: readonly NewEntry[], remove: readonly string[]): Promise<Saved>;
  refresh(): Promise<SessionView>;
  finishPendingSave(): Promise<SessionView>;
  discardPendingSave(): Promise<SessionView>;
  /** Numbers and times of the backups that the vault keeps, newest first. */
  backups(): Promise<readonly { readonly number: number; readonly at: number }[]>;

  devices(): Promise<readonly Device[]>;
  enrol(permission: Permission): Promise<void>;
  permit(device: string, permission: Permission): Promise<DeviceChange>;
  revoke(device: string): Promise<DeviceChange>;

  /** The new device's side: what it shows as QR code and text. */
  offerPairing(vault: string, deviceLabel: string): Promise<string>;
  /** Waits for the other device; gives the six digits to compare. */
  awaitPairing(): Promise<string>;
  /** The person said that the digits are the same: waits for the confirmation, then keeps the enrolment. */
  finishPairing(): Promise<Permission>;
  /** The managing device's side: reads what the new one shows; gives the new device's label and the six digits. */
  meetPairing(text: string): Promise<{
    readonly label: string;
    readonly code: string;
    /** The label of an enrolled device whose place the new one would take, which the person has to want. */
    readonly replaces: string | null;
  }>;
  confirmPairing(permission: Permission): Promise<void>;
  /** Ends a pairing that waits, on either side. */
  cancelPairing(): Promise<void>;

  history(): Promise<History>;

  /** Draws a recovery code, to be written down and confirmed before `useRecoveryCode` or `rekey` activates it. */
  generateRecoveryCode(purpose: "recovery-code" | "rekey"): Promise<Secret>;
  /** Forgets what is recorded of a code, once its user was told. */
  dismissCode(): Promise<void>;
  /**
   * Activates a code that its user has confirmed. Ends the session where it did, or may have (`uncertain`: the same call in the next
   * session finds out, and so does that login itself); after any other failure the session continues. Whether the code can still
   * become active is what `deviceState().code` says: as long as it is `waiting`, each login may activate it.
   */
  useRecoveryCode(code: Secret): Promise<void>;
  /**
   * Refuses what `rekey` would refuse before it sends anything, and asks for what it needs to know of the newest backup: to be called
   * before the code is drawn.
   */
  mayRekey(backup: number | null): Promise<void>;
  /**
   * New keys for the account, with a drawn code; needs a session by passphrase. Ends it as `useRecoveryCode` does, and all
   * devices' enrolments but this browser's, which is enrolled anew where it was. `backup` is the number of the older backup that is
   * open, which then becomes the newest: what was saved after it is lost.
   */
  rekey(code: Secret, backup: number | null): Promise<void>;
  deleteAccount(): Promise<void>;

  /** Words of the list that begin so, at most `most`. */
  completeWord(prefix: string, language: string | null, most: number): Promise<readonly string[]>;
  checkPhrase(words: Secret, language: string | null): Promise<PhraseCheck>;
  checkRecoveryCode(words: Secret): Promise<PhraseCheck>;
  /** Whether something in a BIP-39 passphrase is easily overlooked: it is saved exactly as it is. */
  isOddPassphrase(passphrase: Secret): Promise<boolean>;

  /**
   * Goes on in this tab, where another one has the account (`in-another-tab`): that one then holds nothing any more.
   */
  continueHere(): Promise<void>;

  /** Told of everything that happens meanwhile. */
  onProgress(listener: (progress: Progress) => void): void;
}
