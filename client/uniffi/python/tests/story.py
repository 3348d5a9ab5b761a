"""The whole story, in Python, against a running vault."""

import asyncio

from rootcellar import (
    Change, DeviceKind, EntryDetails, EntryKind, LoginOptions, NewEntry, Permission, Purpose, RecoveryCodePurpose,
    RecoveryCodeState, RootcellarError, Secret, PendingSaveResult, check_passphrase, check_phrase, check_recovery_code,
    complete_word, generate_passphrase, bip39_passphrase_oddities, nearest_words, Language, RegistrationMode, RekeyReason,
)
from support import PHRASE, Http, Keys, client, fails, register, run


def phrase(label):
    details = EntryDetails(derivation_paths=["m/84'/0'/0'"], network="bitcoin", birthday="2024-05-31")
    secret = Secret.PHRASE(bytearray(PHRASE), bip39_passphrase=b"TREZOR")
    return NewEntry(label=label, secret=secret, details=details)


async def register_save_restore_recover():
    first = await client("first")
    assert (await first.vault_info()).registration == RegistrationMode.OPEN
    passphrase = generate_passphrase()
    check_passphrase(passphrase, ["ann"])
    paper = await first.generate_recovery_code(RecoveryCodePurpose.REGISTRATION)
    check_recovery_code(paper)
    assert isinstance(paper, bytearray) and "(...)" in repr(paper)
    told = (await first.state()).recovery_code
    assert (told.purpose, told.state) == (RecoveryCodePurpose.REGISTRATION, RecoveryCodeState.UNCONFIRMED)
    made = await first.register("Ann", passphrase, paper)
    state = await first.state()
    assert state.account_id == made.account_id and state.recovery_code is None
    before = await first.log_in(passphrase)
    assert before.backup is None and before.permission == Permission.MANAGE and before.named

    text, seed = "naïve ✓".encode(), bytes(range(32))
    saved = await first.save(Change(add=[
        phrase("Savings"),
        NewEntry(label="Seed", secret=Secret.SEED(seed)),
        NewEntry(label="Note", secret=Secret.TEXT(text)),
    ]))
    assert saved.number == 1 and len(saved.added) == 3 and not saved.merged
    replaced = await first.save(Change(remove=[saved.added[2]], add=[NewEntry(label="Note 2", secret=Secret.TEXT(b"x"))]))
    state = await first.state()
    assert state.last_seen == 2 and state.session_open and not state.pending_save and state.enrolled is None

    fresh = await client("fresh")
    overview = await fresh.log_in(passphrase, "ann", LoginOptions(to_restore=True))
    assert [item.label for item in overview.items] == ["Savings", "Seed", "Note 2"]
    assert overview.backup.number == 2 and overview.backup.device_label == "first"
    assert overview.account_name == "ann" and len(overview.vault_addresses) == 1
    savings = await fresh.open_entry(overview.items[0].id)
    assert isinstance(savings.secret.words, bytearray), "it can be wiped"
    assert savings.secret.words == PHRASE and savings.secret.bip39_passphrase == b"TREZOR"
    assert savings.secret.language == Language.ENGLISH and savings.item.kind == EntryKind.PHRASE
    assert savings.item.fingerprint == "b0d1af91" or len(savings.item.fingerprint) == 8
    assert savings.details.birthday == "2024-05-31" and "legal" not in str(savings) + repr(savings.secret)
    assert (await fresh.open_entry(overview.items[1].id)).secret.seed == seed
    assert (await fresh.open_entry(replaced.added[0])).secret.text == b"x"
    await fails(RootcellarError.NotFound, fresh.open_entry(saved.added[2]), "no-such-entry")

    older = await client("older")
    overview = await older.log_in(passphrase, "ann", LoginOptions(to_restore=True, backup=1))
    assert (await older.open_entry(overview.items[2].id)).secret.text == text
    await fails(RootcellarError.SessionState, older.save(Change(add=[phrase("No")])), "older-backup")
    account = await fresh.account()
    assert [kept.number for kept in account.backups] == [2, 1]

    recovered = await client("recovered")
    overview = await recovered.recover(paper)
    assert (await recovered.open_entry(overview.items[0].id)).secret.words == PHRASE
    changed = b"seven quiet lanterns under the orchard wall"
    await recovered.set_passphrase(changed, "ann")
    await fails(RootcellarError.SessionState, recovered.devices(), "not-open")
    await recovered.log_in(changed)
    dropped = await recovered.generate_recovery_code(RecoveryCodePurpose.RECOVERY_CODE)
    told = (await recovered.log_in(changed)).recovery_code
    assert (told.purpose, told.state) == (RecoveryCodePurpose.RECOVERY_CODE, RecoveryCodeState.UNCONFIRMED)
    await recovered.dismiss_recovery_code()
    assert (await recovered.overview()).recovery_code is None
    await fails(RootcellarError.Refused, fresh.recover(dropped), "recovery-refused")
    code = await recovered.generate_recovery_code(RecoveryCodePurpose.RECOVERY_CODE)
    await recovered.set_recovery_code(code)
    await fails(RootcellarError.Refused, recovered.recover(paper), "recovery-refused")
    await recovered.recover(code)
    history = await recovered.history()
    kinds = [event.kind for event in history.events]
    assert kinds[0] == "registration" and {"save", "restore", "recovery", "passphrase", "recovery-code"} <= set(kinds)
    assert all(event.proven for event in history.events if event.kind == "save")
    await recovered.delete_account()
    assert (await recovered.state()).account_id is None
    await fails(RootcellarError.PassphraseOrAccount, older.log_in(changed))


async def devices_pairing_rekey():
    keys = Keys()
    phone = await client("phone", keystore=keys)
    passphrase = generate_passphrase()
    await register(phone, "bea", passphrase)
    await phone.log_in(passphrase)
    await phone.enrol(Permission.BACKUP)
    assert len(keys.kept) == 1 and all(len(secrets) == 64 for secrets in keys.kept.values())
    await phone.close_session()

    await phone.enter_as_device(Purpose.SAVE)
    await phone.save(Change(add=[phrase("Daily")]))
    overview = await phone.enter_as_device(Purpose.VIEW)
    assert overview.permission == Permission.BACKUP and [item.label for item in overview.items] == ["Daily"]
    await fails(RootcellarError.NotPermitted, phone.open_entry(overview.items[0].id))
    refused = await fails(RootcellarError.NotPermitted, phone.enter_as_device(Purpose.RESTORE))
    assert refused.needs == Permission.RESTORE

    tablet = await client("tablet")
    text = await tablet.offer_pairing()
    await phone.log_in(passphrase)
    code, request = await asyncio.gather(tablet.await_pairing_code(), phone.read_pairing(text))
    assert code == request.code and request.device_label == "tablet" and request.replaces is None
    finished, _ = await asyncio.gather(tablet.finish_pairing(), phone.confirm_pairing(Permission.RESTORE))
    assert finished == Permission.RESTORE
    overview = await tablet.enter_as_device(Purpose.RESTORE)
    assert (await tablet.open_entry(overview.items[0].id)).secret.words == PHRASE

    await phone.log_in(passphrase)
    devices = {device.label: device for device in await phone.devices()}
    assert devices["phone"].is_this and not devices["tablet"].is_this and devices["tablet"].kind == DeviceKind.APP
    change = await phone.permit(devices["tablet"].id, Permission.VIEW)
    assert change.former == Permission.RESTORE and change.rekey_reason == RekeyReason.READS_BACKUPS and change.ended_sessions
    await fails(RootcellarError.SessionState, phone.devices(), "session-ended")
    assert (await tablet.enter_as_device(Purpose.VIEW)).permission == Permission.VIEW
    await phone.log_in(passphrase)
    await phone.revoke(devices["tablet"].id)
    await fails(RootcellarError.Refused, tablet.enter_as_device(Purpose.VIEW), "device-revoked")

    await phone.log_in(passphrase)
    await phone.rekey(await phone.generate_recovery_code(RecoveryCodePurpose.REKEY))
    assert len(keys.kept) == 1 and (await phone.state()).enrolled == Permission.BACKUP
    await phone.enter_as_device(Purpose.SAVE)
    await phone.save(Change(add=[phrase("Under new keys")]))
    await phone.forget_enrolment()
    assert not keys.kept and (await phone.state()).enrolled is None
    await fails(RootcellarError.SessionState, phone.enter_as_device(Purpose.VIEW), "not-enrolled")


async def two_at_once_and_one_folder():
    passphrase = generate_passphrase()
    here = await client("here", transport=Http())
    await register(here, "cleo", passphrase)
    there = await client("there")
    await here.log_in(passphrase)
    await there.log_in(passphrase, "cleo")
    saves = await asyncio.gather(here.save(Change(add=[phrase("Here")])), there.save(Change(add=[phrase("There")])))
    assert sorted(saved.number for saved in saves) == [1, 2] and any(saved.merged for saved in saves)
    assert len((await here.refresh()).items) == 2
    await fails(RootcellarError.Local, client("here"), "home-locked")


async def help_while_typing():
    facts = check_phrase(PHRASE)
    assert (facts.language, facts.word_count) == (Language.ENGLISH, 12)
    assert complete_word(b"aban", Language.ENGLISH, 5) == ["abandon"]
    assert complete_word("acad\u00e9".encode(), Language.FRENCH, 1) and not complete_word(b"", Language.CZECH, 5)
    assert nearest_words(b"abandn", Language.ENGLISH)[0] == "abandon"
    assert bip39_passphrase_oddities(b"two words") is None
    assert "line break" in bip39_passphrase_oddities(b"two words\n")


run(register_save_restore_recover, devices_pairing_rekey, two_at_once_and_one_folder, help_while_typing)
