"""The errors, as an app meets them. None bears a secret, and no exception of the app's own code is printed or passed on."""

import asyncio

import lies
from rootcellar import (
    Change, ClientOptions, HttpFailure, HttpResponse, KeystoreFailure, NewEntry, Permission, Purpose, RootcellarClient,
    RecoveryCodePurpose, RootcellarError, Secret, check_passphrase, check_phrase, check_recovery_code, generate_passphrase,
)
from support import PHRASE, UNSAID, Http, Keys, client, every_error_was_met, fails, folder, note, register, run


def now(kind, work, code=None):
    async def wrapped():
        work()
    return fails(kind, wrapped(), code)


async def of_what_was_typed():
    error = await now(RootcellarError.UnknownWord, lambda: check_phrase(PHRASE.replace(b"winner", b"winnr", 1)))
    assert (error.code, error.position) == ("phrase-unknown-word", 2)
    assert "winn" not in str(error) + repr(error)
    swapped = PHRASE.replace(b"legal winner", b"winner legal", 1)
    await now(RootcellarError.InvalidInput, lambda: check_phrase(swapped), "phrase-checksum")
    await now(RootcellarError.InvalidInput, lambda: check_phrase(b"one"), "phrase-word-count")
    await now(RootcellarError.InvalidInput, lambda: check_phrase(b"\xff"), "not-utf8")
    await now(RootcellarError.InvalidInput, lambda: check_recovery_code(PHRASE), "recovery-code-is-phrase")
    wallet = await client("typing")
    code = bytes(await wallet.generate_recovery_code(RecoveryCodePurpose.REGISTRATION))
    await now(RootcellarError.InvalidInput, lambda: check_phrase(code), "phrase-is-recovery-code")
    wrong = await now(RootcellarError.UnknownWord, lambda: check_recovery_code(b"abandn" + code[code.index(b" "):]))
    assert wrong.position == 1
    weak = await now(RootcellarError.WeakPassphrase, lambda: check_passphrase(b"hunter2hunter2"))
    assert weak.guesses_log10 < 12 and "hunter2" not in str(weak)
    await fails(RootcellarError.InvalidInput, register(wallet, "a b", generate_passphrase()), "invalid-account-name")
    await fails(RootcellarError.WeakPassphrase, register(wallet, "hans", b"hunter2hunter2"))
    await fails(RootcellarError.NameRequired, wallet.log_in(generate_passphrase()))
    for vault in ("http://vault.example.org", "https://vault.example.org/x", "nothing"):
        await fails(RootcellarError.InvalidInput, client("address", vault=vault), "invalid-address")
    await fails(RootcellarError.SessionState, wallet.devices(), "not-open")
    await fails(RootcellarError.SessionState, wallet.finish_pairing(), "no-pairing")


async def of_the_way():
    def answering(after):
        return client("way", transport=Http(after=after))

    def failing(failure):
        async def before(*_):
            raise failure
        return client("way", transport=Http(before=before))

    for failure, kind in (
        (HttpFailure.NoConnection(), RootcellarError.Unreachable),
        (HttpFailure.NoResponse(), RootcellarError.Unreachable),
        (HttpFailure.UnknownAuthority(), RootcellarError.Untrusted),
        (HttpFailure.WrongName(), RootcellarError.Untrusted),
        (HttpFailure.Certificate(), RootcellarError.Untrusted),
        (HttpFailure.TooLong(), RootcellarError.BadResponse),
        (RuntimeError(UNSAID), RootcellarError.Unreachable),
    ):
        wallet = await failing(failure)
        await fails(kind, wallet.vault_info())
        await wallet.shut_down()
    wallet = await answering(lambda *_: HttpResponse(status=404, headers=[], body=b"<html>"))
    assert (await fails(RootcellarError.HttpStatus, wallet.vault_info(), "http-status")).status == 404
    await wallet.shut_down()
    wallet = await answering(lambda *_: HttpResponse(status=200, headers=[], body=b"{}"))
    await fails(RootcellarError.BadResponse, wallet.vault_info(), "malformed-response")
    await wallet.shut_down()
    wallet = await answering(lambda *_: HttpResponse(status=200, headers=[], body=bytes((2 << 20) + 1)))
    await fails(RootcellarError.BadResponse, wallet.vault_info(), "response-too-long")
    nobody = await client("nobody", vault="http://127.0.0.1:9")
    await fails(RootcellarError.Unreachable, nobody.vault_info(), "unreachable")


async def of_getting_in():
    passphrase = generate_passphrase()
    wallet = await client("in")
    await register(wallet, "ida", passphrase)
    await fails(RootcellarError.ForeignAccount, register(wallet, "jan", passphrase), "home-of-another-account")
    other = await client("taken")
    never = await other.generate_recovery_code(RecoveryCodePurpose.REGISTRATION)
    await fails(RootcellarError.Refused, register(other, "ida", passphrase), "name-taken")
    await fails(RootcellarError.Refused, other.recover(never), "recovery-refused")
    # Each registration took an attempt: the one that was refused and the one before.
    for left in (2, 1, 0):
        wrong = await fails(RootcellarError.PassphraseOrAccount, other.log_in(b"wrong passphrase", "ida"))
        assert wrong.remaining_attempts == left, (wrong.remaining_attempts, left)
    assert wrong.retry_after_seconds > 0
    spent = await fails(RootcellarError.BudgetSpent, other.log_in(passphrase, "ida"), "budget-spent")
    assert 0 < spent.retry_after_seconds <= 60


async def of_what_is_asked_for():
    passphrase = generate_passphrase()
    wallet = await client("asked")
    await register(wallet, "karl", passphrase)
    await wallet.log_in(passphrase)
    await wallet.save(note("one"))
    await fails(RootcellarError.NotFound, wallet.open_entry("0" * 32), "no-such-entry")
    texts = [NewEntry(label=f"{number}", secret=Secret.TEXT(bytes([65]) * 16000)) for number in range(80)]
    await fails(RootcellarError.TooMuch, wallet.save(Change(add=texts)), "too-much")
    login = asyncio.create_task(wallet.log_in(passphrase))
    await asyncio.sleep(0)
    wallet.cancel()
    await fails(RootcellarError.Cancelled, login, "cancelled")
    await wallet.log_in(passphrase)
    await wallet.enrol(Permission.VIEW)
    overview = await wallet.enter_as_device(Purpose.VIEW)
    await fails(RootcellarError.NotPermitted, wallet.open_entry(overview.items[0].id), "not-permitted")
    await wallet.log_in(passphrase)
    await fails(RootcellarError.OtherName, wallet.set_passphrase(generate_passphrase(), "jan"), "other-name")


async def of_the_folder_and_the_keystore():
    keys = Keys()
    wallet = await client("kept", keystore=keys)
    passphrase = generate_passphrase()
    await register(wallet, "lina", passphrase)
    await wallet.log_in(passphrase)
    for failure in (KeystoreFailure.Locked(), KeystoreFailure.Unavailable(), KeystoreFailure.Failed(), RuntimeError(UNSAID)):
        keys.failure = failure
        await fails(RootcellarError.KeystoreFailed, wallet.enrol(Permission.BACKUP), "keyring")
    keys.failure = None
    await wallet.enrol(Permission.BACKUP)
    keys.kept.clear()
    await fails(RootcellarError.KeystoreFailed, wallet.enter_as_device(Purpose.VIEW), "device-secrets-lost")
    await fails(RootcellarError.Local, client("kept"), "home-locked")
    await wallet.shut_down()
    await fails(RootcellarError.SessionState, wallet.state(), "shut-down")
    assert (await (await client("kept", keystore=keys)).state()).account_id
    with open(folder("foreign.txt"), "w") as file:
        file.write("x")
    error = await fails(RootcellarError.Local, RootcellarClient.open(ClientOptions(folder=folder("foreign.txt"))))
    assert error.code == "file"


run(
    of_what_was_typed, of_the_way, of_getting_in, of_what_is_asked_for, of_the_folder_and_the_keystore, *lies.STORIES,
    every_error_was_met,
)
