/**
 * What the page asks for, done: arguments to the library, its answers as `api.ts` has them. One method runs at a time
 * (`queue.ts`), and each wipes the secrets that it was given.
 */
import type {
  Acceptance,
  Device,
  DeviceChange,
  History,
  NewEntry,
  OpenedEntry,
  Permission,
  PhraseCheck,
  Saved,
  Secret,
  SessionView,
  Vault,
  VaultInfo,
} from "../api.ts";
import { failureOf, failed } from "../failure.ts";
import type { Method } from "../messages.ts";
import { arrive, keptBy } from "./device.ts";
import { state } from "./host.ts";
import { vaultInfo } from "./info.ts";
import { holdSecrets, openSecrets, sealedSecrets } from "./secrets.ts";
import type { Storage } from "./storage.ts";
import { judge } from "./strength.ts";
import * as core from "./wasm/rootcellar_web.js";
import { Words } from "./words.ts";

interface Maybe {
  readonly vault: string;
  readonly name: string;
  readonly recoveryCode: Secret;
}

export class WorkerVault implements Pick<Vault, Method> {
  /** A registration of which it is not known whether it was made, and its recovery code: the same step again finds out. */
  private maybe: Maybe | undefined;

  constructor(
    private readonly storage: Storage,
    private readonly configuredVault: string | null,
    private readonly words: Words,
  ) {}

  kept() {
    return keptBy(this.storage, this.configuredVault);
  }

  vaultInfo(vault: string): Promise<VaultInfo> {
    return vaultInfo(vault);
  }

  async generatePassphrase(): Promise<Secret> {
    return core.generatePassphrase() as Secret;
  }

  judgePassphrase(passphrase: Secret, hints: readonly string[]) {
    return wiped([passphrase], () => judge(passphrase, hints));
  }

  register(vault: string, name: string, passphrase: Secret, invite: string | null, deviceLabel: string) {
    return wiped([passphrase], async () => {
      await mustBeStrong(passphrase, [name, vault]);
      const before = this.maybe?.vault === vault && this.maybe.name === name ? this.maybe : undefined;
      if (!before) this.dropMaybe();
      await this.begin(vault, deviceLabel);
      const json = before
        ? await this.madeBefore(before, passphrase, invite)
        : await this.make(vault, name, passphrase, invite, undefined);
      // From here on the page has the code.
      const made = this.maybe;
      this.maybe = undefined;
      if (!made) throw failed("internal");
      return { recoveryCode: made.recoveryCode, session: this.session(json) };
    });
  }

  /**
   * Makes an account, with a code of its own: what an attempt before has left may stand in the way of the same one. Until the code
   * is confirmed there is a mark, which outlives this page.
   */
  private async make(vault: string, name: string, passphrase: Secret, invite: string | null, refused: unknown) {
    const before = this.maybe;
    const marked = await this.storage.get("codeUnconfirmed");
    await this.storage.put({ codeUnconfirmed: true });
    const recoveryCode = core.drawRecoveryCode() as Secret;
    this.maybe = { vault, name, recoveryCode };
    try {
      const json = await core.register(name, passphrase, recoveryCode, invite ?? undefined);
      before?.recoveryCode.fill(0);
      return json;
    } catch (error) {
      const { code, uncertain } = failureOf(error);
      if (uncertain || code === "cancelled") {
        before?.recoveryCode.fill(0);
        throw error;
      }
      // Nothing was made: what was there before is there still.
      this.dropMaybe();
      this.maybe = before;
      await this.storage.put({ codeUnconfirmed: marked });
      // The account of before, made with another passphrase.
      throw before && code === "name-taken" ? refused : error;
    }
  }

  /** Whether the registration whose answer was lost was made: its passphrase and its recovery code both open the account then. */
  private async madeBefore(maybe: Maybe, passphrase: Secret, invite: string | null) {
    try {
      return await core.openRegistered(maybe.name, passphrase, maybe.recoveryCode);
    } catch (error) {
      const { code } = failureOf(error);
      if (code === "passphrase-or-account") return this.make(maybe.vault, maybe.name, passphrase, invite, error);
      if (code !== "recovery-refused") throw error;
      // An account with another code, which nobody may have: the mark stays.
      this.dropMaybe();
      throw failed("name-taken");
    }
  }

  async codeConfirmed(): Promise<void> {
    await this.storage.put({ codeUnconfirmed: undefined });
  }

  private dropMaybe(): void {
    this.maybe?.recoveryCode.fill(0);
    this.maybe = undefined;
  }

  async login(options: Parameters<Vault["login"]>[0]): Promise<SessionView> {
    const { name, passphrase, restore, backup } = options;
    return wiped([passphrase], async () => {
      await this.begin(options.vault ?? this.configuredVault, options.deviceLabel);
      const own = await openSecrets(this.storage, await this.storage.get("secrets"));
      const json = await wiped([own], () =>
        core.login(name ?? undefined, passphrase, own, restore, backup ?? undefined, accepted(options.accept)),
      );
      return this.session(json);
    });
  }

  async open(restore: boolean): Promise<SessionView> {
    await this.begin(null, null);
    const all = await sealedSecrets(this.storage);
    let refused: unknown;
    for (const sealed of all) {
      const own = await openSecrets(this.storage, sealed);
      try {
        const session = this.session(await wiped([own], () => core.open(own, restore)));
        // Where that fails, they are found again.
        if (sealed && sealed !== all[0]) await holdSecrets(this.storage, sealed).catch(() => undefined);
        return session;
      } catch (error) {
        // None is given up for the vault's word that it does not know it.
        if (!["device-revoked", "not-enrolled"].includes(failureOf(error).code)) throw error;
        refused = error;
      }
    }
    throw refused;
  }

  async recover(options: Parameters<Vault["recover"]>[0]): Promise<SessionView> {
    const { code, backup, accept } = options;
    return wiped([code], async () => {
      await this.begin(options.vault ?? this.configuredVault, options.deviceLabel);
      const session = this.session(await core.recover(code, backup ?? undefined, accepted(accept)));
      // Whoever types the code has it.
      await this.confirmed();
      return session;
    });
  }

  async setPassphrase(passphrase: Secret, name: string | null): Promise<void> {
    await wiped([passphrase], async () => {
      await mustBeStrong(passphrase, [name ?? "", state.own?.vault ?? ""]);
      await core.setPassphrase(passphrase, name ?? undefined);
    });
  }

  async close(): Promise<void> {
    this.dropMaybe();
    core.close();
  }

  async forget(): Promise<void> {
    this.dropMaybe();
    core.close();
    await this.storage.clear();
    state.own = undefined;
  }

  async openEntry(id: string): Promise<OpenedEntry> {
    return this.words.retried(() => core.openEntry(id) as OpenedEntry);
  }

  async save(add: readonly NewEntry[], remove: readonly string[]): Promise<Saved> {
    const secrets = add.flatMap((entry) => [entry.secret, ...(entry.bip39Passphrase ? [entry.bip39Passphrase] : [])]);
    const json = await wiped(secrets, async () => {
      core.changeNothing();
      for (const entry of add) await this.words.retried(() => addToChange(entry));
      remove.forEach((id) => core.changeRemove(id));
      return core.save();
    });
    this.show(JSON.parse(core.view()) as SessionView);
    return parsed(json);
  }

  async refresh(): Promise<SessionView> {
    return this.session(await core.refresh());
  }

  async finishUnfinished(): Promise<SessionView> {
    return this.session(await core.finishUnfinished());
  }

  async discardUnfinished(): Promise<SessionView> {
    return this.session(await core.discardUnfinished());
  }

  async backups() {
    return parsed<{ number: number; at: number }[]>(await core.backups());
  }

  async devices(): Promise<Device[]> {
    return parsed(await core.devices());
  }

  async enrol(permission: Permission): Promise<void> {
    await core.enrol(permission);
  }

  async permit(device: string, permission: Permission): Promise<DeviceChange> {
    return parsed(await core.permit(device, permission));
  }

  async revoke(device: string): Promise<DeviceChange> {
    const change = parsed<DeviceChange>(await core.revoke(device));
    // With an old copy of the vault its keys would open what it could.
    if (device === (await this.storage.get("own"))?.id) {
      await this.storage.put({ secrets: undefined, next: undefined }).catch(() => undefined);
    }
    return change;
  }

  async offerPairing(vault: string, deviceLabel: string): Promise<string> {
    await this.begin(vault, deviceLabel);
    return (await core.offerPairing(deviceLabel)) as string;
  }

  async awaitPairing(): Promise<string> {
    return (await core.awaitPairing()) as string;
  }

  async finishPairing(): Promise<Permission> {
    return (await core.finishPairing()) as Permission;
  }

  async meetPairing(text: string) {
    return parsed<{ label: string; code: string; replaces: string | null }>(await core.meetPairing(text));
  }

  async confirmPairing(permission: Permission): Promise<void> {
    await core.confirmPairing(permission);
  }

  async cancelPairing(): Promise<void> {
    core.forgetPairing();
  }

  async history(): Promise<History> {
    return parsed(await core.history());
  }

  async drawRecoveryCode(): Promise<Secret> {
    return core.drawRecoveryCode() as Secret;
  }

  async useRecoveryCode(code: Secret): Promise<void> {
    await wiped([code], () => core.useRecoveryCode(code));
    await this.confirmed();
  }

  async mayRekey(): Promise<void> {
    core.mayRekey();
  }

  async rekey(code: Secret): Promise<void> {
    await wiped([code], () => core.rekey(code));
    await this.confirmed();
  }

  /** A code is on paper that holds. Where that cannot be kept, a person is asked to draw another, which does no harm. */
  private async confirmed(): Promise<void> {
    await this.codeConfirmed().catch(() => undefined);
  }

  async deleteAccount(): Promise<void> {
    await core.deleteAccount();
    await this.forget().catch(() => {
      throw failed("deleted-not-forgotten");
    });
  }

  completeWord(prefix: string, language: string | null, most: number) {
    return this.words.complete(prefix, language, most);
  }

  checkPhrase(words: Secret, language: string | null): Promise<PhraseCheck> {
    return wiped([words], () => this.words.check(words, language));
  }

  async checkRecoveryCode(words: Secret): Promise<PhraseCheck> {
    return wiped([words], async () => JSON.parse(core.checkRecoveryCode(words)) as PhraseCheck);
  }

  /** A client of the vault, as this device, with what the browser keeps. Whatever was open is closed. */
  private async begin(vault: string | null, label: string | null): Promise<void> {
    const { own, memory, pending, enrolment } = await arrive(this.storage, vault, label, core.newDeviceId);
    core.begin(own.vault, own.id, own.label, memory, pending, enrolment);
    state.own = own;
  }

  private session(json: unknown): SessionView {
    return this.show(parsed(json));
  }

  private show(session: SessionView): SessionView {
    state.progress({ kind: "session", session });
    return session;
  }
}

function addToChange(entry: NewEntry): void {
  const { label, kind, secret, language, bip39Passphrase, details } = entry;
  const { derivationPaths, network, birthday } = details;
  core.changeAdd(
    label,
    kind,
    secret,
    language ?? undefined,
    bip39Passphrase ?? undefined,
    [...derivationPaths],
    network ?? undefined,
    birthday ?? undefined,
  );
}

async function mustBeStrong(passphrase: Secret, hints: readonly string[]): Promise<void> {
  if (!(await judge(passphrase, hints)).strong) throw failed("weak-passphrase");
}

/** Runs a step and wipes the secrets that it was given, however it ends. The library has copied them by then, and wipes those. */
async function wiped<T>(secrets: readonly Uint8Array[], step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } finally {
    secrets.forEach((secret) => secret.fill(0));
  }
}

function accepted({ history, serverKey }: Acceptance): number {
  return (history ? 1 : 0) | (serverKey ? 2 : 0);
}

function parsed<T>(json: unknown): T {
  return JSON.parse(json as string) as T;
}
