"""Vaults that lie, come back as another or are set back, answers that are lost, and pairings that end half-way."""

import asyncio
import json
import os

from rootcellar import (
    Change, HttpFailure, HttpHeader, HttpResponse, KeystoreFailure, LoginOptions, Permission, Purpose, RecoveryCodePurpose,
    RootcellarError, PendingSaveResult, generate_passphrase,
)
from support import Http, Keys, OwnVault, client, fails, folder, note, register


async def registered(name, at=None, **injected):
    wallet = await client(name, **({"vault": at} if at else {}), **injected)
    passphrase = generate_passphrase()
    await register(wallet, name, passphrase)
    await wallet.log_in(passphrase)
    return wallet, passphrase


async def of_answers_that_are_altered():
    alter = {}

    def after(path, response):
        return alter[path](response) if path in alter else response

    wallet, passphrase = await registered("mona", transport=Http(after=after))
    await wallet.enrol(Permission.MANAGE)
    await wallet.save(note("one"))
    first = []
    alter["/v1/account/device"] = lambda response: first.append(response) or response
    await wallet.enter_as_device(Purpose.VIEW)
    await wallet.save(note("two"))
    alter["/v1/account/device"] = lambda _: first[0]
    error = await fails(RootcellarError.Rollback, wallet.enter_as_device(Purpose.VIEW), "rollback")
    assert (error.seen, error.offered) == (2, 1)

    def with_body(change):
        return lambda response: HttpResponse(status=response.status, headers=response.headers, body=change(bytes(response.body)))

    alter["/v1/account/device"] = with_body(lambda body: body[:-40] + bytes(40))
    await fails(RootcellarError.NotAuthentic, wallet.enter_as_device(Purpose.VIEW), "snapshot-refused")
    del alter["/v1/account/device"]
    await wallet.enter_as_device(Purpose.VIEW)
    # The first part of the answer alone: it names a backup, whose bytes do not follow.
    alter["/v1/login/finish"] = with_body(lambda body: body[: 4 + int.from_bytes(body[:4], "big")] + bytes(4))
    error = await fails(RootcellarError.BackupLost, wallet.log_in(passphrase), "snapshot-lost")
    assert error.number == 2


async def of_a_newest_backup_that_is_refused():
    ruined = []

    def after(path, response):
        if path not in ruined:
            return response
        body = bytes(response.body)
        return HttpResponse(status=response.status, headers=response.headers, body=body[:-1] + bytes([body[-1] ^ 1]))

    wallet, passphrase = await registered("quinn", transport=Http(after=after))
    await wallet.enrol(Permission.MANAGE)
    await wallet.save(note("one"))
    await wallet.save(note("two"))
    ruined += ["/v1/login/finish", "/v1/account/device"]
    await fails(RootcellarError.NotAuthentic, wallet.log_in(passphrase), "snapshot-refused")
    for opened in (wallet.enter_as_device(Purpose.MANAGE), wallet.log_in(passphrase, None, LoginOptions(to_manage=True))):
        overview = await opened
        assert (overview.backup, overview.refused_backup) == (None, "snapshot-refused")
    assert [device.label for device in await wallet.devices()] == ["quinn"]
    assert [kept.number for kept in (await wallet.account()).backups] == [2, 1]
    await fails(RootcellarError.SessionState, wallet.continue_from(1), "older-backup")
    overview = await wallet.log_in(passphrase, None, LoginOptions(backup=1))
    assert [item.label for item in overview.items] == ["one"]
    await wallet.continue_from(1)
    await wallet.rekey(await wallet.generate_recovery_code(RecoveryCodePurpose.REKEY))
    ruined.clear()
    overview = await wallet.log_in(passphrase)
    assert (overview.backup.number, [item.label for item in overview.items]) == (3, ["one"])
    await wallet.save(note("three"))


async def of_answers_that_are_lost():
    lost, busy = [], []

    async def before(method, _):
        if busy and method == "PUT":
            await busy[0].save(note("faster"))

    def after(_, response):
        if lost:
            raise HttpFailure.NoResponse()
        return response

    wallet, passphrase = await registered("nils", transport=Http(before, after))
    lost.append(True)
    await fails(RootcellarError.Unconfirmed, wallet.save(note("one")), "unconfirmed")
    assert (await wallet.state()).pending_save
    lost.clear()
    assert await wallet.finish_pending_save() == PendingSaveResult.SAVED

    other = await client("faster")
    await other.log_in(passphrase, "nils")
    busy.append(other)
    await fails(RootcellarError.Contended, wallet.save(note("two")), "contended")
    busy.clear()
    with open(os.path.join(folder("nils"), "pending-save.json"), "w") as pending:
        pending.write("{")
    error = await fails(RootcellarError.PendingSaveStuck, wallet.save(note("three")), "pending-save-stuck")
    assert error.reason == PendingSaveResult.DAMAGED
    await wallet.discard_pending_save()
    await wallet.save(note("three"))


async def of_pairings_that_end_half_way():
    gone, keys = [], Keys()

    def after(path, response):
        if gone and path == "/v1/pairing":
            problem = {"type": "urn:rootcellar:problem:pairing-unknown", "code": "pairing-unknown", "status": 404}
            headers = [HttpHeader(name="content-type", value="application/problem+json")]
            body = json.dumps(problem | {"title": "", "detail": "it has ended"}).encode()
            return HttpResponse(status=404, headers=headers, body=body)
        return response

    old, _ = await registered("olga", transport=Http(after=after))
    new = await client("tablet", keystore=keys)
    text = await new.offer_pairing()
    gone.append(True)
    await fails(RootcellarError.PairingExpired, old.read_pairing(text), "pairing-expired")
    gone.clear()
    text = await new.offer_pairing()
    await asyncio.gather(new.await_pairing_code(), old.read_pairing(text))
    await old.confirm_pairing(Permission.RESTORE)
    keys.failure = KeystoreFailure.Locked()
    await fails(RootcellarError.Incomplete, new.finish_pairing(), "paired-not-stored")
    keys.failure = None
    assert await new.finish_pairing() == Permission.RESTORE


async def of_a_vault_that_is_set_back_or_replaced():
    with OwnVault("own") as own:
        wallet, passphrase = await registered("paul", own.url)
        await wallet.save(note("one"))
        own.stop()
        own.copy("before")
        own.start()
        await wallet.log_in(passphrase)
        await wallet.save(note("two"))
        own.stop()
        own.start("before")
        await fails(RootcellarError.Rollback, wallet.log_in(passphrase), "rollback")
        other = await client("other", own.url)
        await other.log_in(passphrase, "paul")
        await other.save(note("another two"))
        error = await fails(RootcellarError.Fork, wallet.log_in(passphrase), "fork")
        assert (error.seen, error.offered) == (2, 2)
        # As many backups as a backup names before it, and one.
        for _ in range(257):
            await other.save(Change())
        error = await fails(RootcellarError.Gap, wallet.log_in(passphrase), "gap")
        assert (error.seen, error.offered) == (2, 259)
        own.stop()
        own.start("made anew")
        error = await fails(RootcellarError.ForeignServerKey, wallet.log_in(passphrase), "foreign-server-key")
        assert error.replaced_at is None
        own.stop()
        own.start("elsewhere", "--vault-id", "elsewhere.example")
        error = await fails(RootcellarError.ForeignVault, wallet.log_in(passphrase), "foreign-vault")
        assert error.found == "elsewhere.example" != error.pinned


STORIES = (
    of_answers_that_are_altered, of_a_newest_backup_that_is_refused, of_answers_that_are_lost, of_pairings_that_end_half_way,
    of_a_vault_that_is_set_back_or_replaced,
)
