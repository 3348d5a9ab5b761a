/* tslint:disable */
/* eslint-disable */

/**
 * Waits for the other device; gives the six digits.
 */
export function awaitPairing(): Promise<any>;

/**
 * Numbers and times of the backups that the vault keeps, newest first.
 */
export function backups(): Promise<any>;

/**
 * Makes a client of a vault, as this device, with what the browser keeps; whatever was open is forgotten. Bytes that are
 * not there are empty.
 *
 * # Errors
 * A `Failure` as JSON, where the address is none or what was stored does not read.
 */
export function begin(vault: string, device: string, label: string, local_state: Uint8Array | number[], pending: Uint8Array | number[], enrolment: Uint8Array | number[], code: Uint8Array | number[]): void;

/**
 * Gives up the step that runs.
 */
export function cancel(): void;

/**
 * Has the next save add an entry. A phrase may have a language and a BIP-39 passphrase, a phrase and a seed the details. If the label is
 * what the page was shown of one of the entries that are `replaced`, the new entry is called exactly as that one.
 *
 * # Errors
 * A `Failure` as JSON, which names the field at fault.
 */
export function changeAdd(label: string, kind: string, secret: Uint8Array | number[], language: string | null | undefined, bip39_passphrase: Uint8Array | number[] | null | undefined, derivation_paths: string[], network: string | null | undefined, birthday: string | null | undefined, replaced: string[]): void;

/**
 * Forgets what was to be added and removed.
 */
export function changeNothing(): void;

/**
 * Has the next save remove an entry.
 *
 * # Errors
 * A `Failure` as JSON, where the id is none.
 */
export function changeRemove(id: string): void;

/**
 * `PhraseCheck` of the page's `api.ts`. Words that are wrong are named before the phrase is whole, but for the one that is
 * being typed.
 *
 * # Errors
 * A `Failure` as JSON, where the bytes are no text or the language is none.
 */
export function checkPhrase(words: Uint8Array | number[], language?: string | null): string;

/**
 * The same for a recovery code.
 *
 * # Errors
 * A `Failure` as JSON, where the bytes are no text.
 */
export function checkRecoveryCode(words: Uint8Array | number[]): string;

/**
 * Forgets the keys of the open account. No step may run.
 */
export function close(): void;

/**
 * The words of a language's list, or of all that are there, that begin so, as a JSON array of at most `most`.
 */
export function completeWord(prefix: string, language: string | null | undefined, most: number): string;

/**
 * Lets the new device in.
 */
export function confirmPairing(permission: string): Promise<any>;

/**
 * Deletes the account. What the browser keeps is left to the worker.
 */
export function deleteAccount(): Promise<any>;

/**
 * The account's devices, in the order of their enrolment.
 */
export function devices(): Promise<any>;

/**
 * Gives up a save that was left unfinished.
 */
export function discardPendingSave(): Promise<any>;

/**
 * Enrols this browser.
 */
export function enrol(permission: string): Promise<any>;

/**
 * Waits for the confirmation, then keeps the enrolment; gives the permission.
 */
export function finishPairing(): Promise<any>;

/**
 * Finishes a save that was left unfinished.
 */
export function finishPendingSave(): Promise<any>;

/**
 * Forgets what was recorded of a recovery code; the worker removes the record.
 */
export function forgetCode(): void;

/**
 * Forgets a pairing that waits for the person.
 */
export function forgetPairing(): void;

/**
 * Draws a passphrase; the receiver wipes it.
 */
export function generatePassphrase(): any;

/**
 * Draws a recovery code, and records that it is handed out; the receiver wipes it. It is not active. `purpose` is `registration`,
 * `recovery-code` or `rekey`; for the last two the vault is asked which code is active.
 */
export function generateRecoveryCode(purpose: string): Promise<any>;

/**
 * What happened to the account.
 */
export function history(): Promise<any>;

/**
 * Whether a user may overlook something in a BIP-39 passphrase, which is kept exactly as it is. Bytes that are no text are refused
 * when they are saved.
 */
export function isOddPassphrase(secret: Uint8Array | number[]): boolean;

/**
 * Opens the account by the passphrase. `own` are this device's secrets, where it is enrolled, else empty. `accept` is the sum of 1
 * for the history, 2 for the vault's key, and 4 to go on without the newest backup if that is refused.
 */
export function login(name: string | null | undefined, passphrase: Uint8Array | number[], own: Uint8Array | number[], restore: boolean, backup: number | null | undefined, accept: number): Promise<any>;

/**
 * Refuses what [`rekey`] would refuse before it sends anything. If an older backup is to become the newest, the vault is asked which
 * one is the newest now. To be called before a code is drawn.
 */
export function mayRekey(backup?: number | null): Promise<any>;

/**
 * The managing device's side: reads what the new one shows, waits for its reply, and gives the code to compare, its label,
 * and that of an enrolled device whose place it would take.
 */
export function meetPairing(text: string): Promise<any>;

/**
 * A new device's id.
 */
export function newDeviceId(): string;

/**
 * The new device's side: gives what it shows.
 */
export function offerPairing(label: string): Promise<any>;

/**
 * Goes in as this enrolled device. `restore` says that entries are to be opened; else, where the vault cannot be reached, the
 * account is open as this device has seen it last, and a save is kept until it can. Of `accept` as for [`login`], 4 counts, and not
 * where entries are to be opened.
 */
export function open(own: Uint8Array | number[], restore: boolean, accept: number): Promise<any>;

/**
 * Opens one entry.
 *
 * # Errors
 * A `Failure` as JSON.
 */
export function openEntry(id: string): any;

/**
 * Gives a device another permission.
 */
export function permit(device: string, permission: string): Promise<any>;

/**
 * To be called once, before anything else.
 */
export function prepare(): void;

/**
 * Takes over a language's words, one a line; whether they were ones.
 */
export function provideWords(language: string, words: string): boolean;

/**
 * Opens the account by the recovery code; otherwise as [`login`].
 */
export function recover(code: Uint8Array | number[], backup: number | null | undefined, accept: number): Promise<any>;

/**
 * Fetches the newest backup anew.
 */
export function refresh(): Promise<any>;

/**
 * Makes an account and opens it. `passphrase` was judged strong, or generated; `code` was drawn, and the worker keeps it until
 * it is known whether it is the account's.
 */
export function register(name: string, passphrase: Uint8Array | number[], code: Uint8Array | number[], invite?: string | null): Promise<any>;

/**
 * New keys for the account, with a new recovery code. Ends every enrolment but this browser's, which is enrolled anew where
 * it was. `backup` is the number of the older backup that is open and becomes the newest. That the user has confirmed the code is
 * recorded before anything is asked of the vault.
 */
export function rekey(code: Uint8Array | number[], backup?: number | null): Promise<any>;

/**
 * Removes a device.
 */
export function revoke(device: string): Promise<any>;

/**
 * Saves what was to be added and removed. An earlier save that is unfinished is finished before.
 */
export function save(): Promise<any>;

/**
 * Sets a new passphrase, which was judged strong or generated.
 */
export function setPassphrase(passphrase: Uint8Array | number[], name?: string | null): Promise<any>;

/**
 * Makes a recovery code the account's. That its user has confirmed it is recorded before anything is asked of the vault.
 */
export function useRecoveryCode(code: Uint8Array | number[]): Promise<any>;

/**
 * How the vault takes new accounts.
 */
export function vaultInfo(): Promise<any>;

/**
 * Shows what is held, as it is; `null` where nothing is open.
 */
export function view(): string;

export default function initialise(module: { module_or_path: Promise<Response> }): Promise<unknown>;
