"""What a cancelled operation leaves: an object that goes on, a save that is finished by the next, an event loop that lives."""

import asyncio

from rootcellar import (
    Change, NewEntry, ProgressEvent, RecoveryCodePurpose, RecoveryCodeState, RootcellarError, Secret, PendingSaveResult,
    generate_passphrase,
)
from support import Http, Ticks, Watch, client, fails, register, run


def note(label):
    return Change(add=[NewEntry(label=label, secret=Secret.TEXT(label.encode()))])


class Gate:
    """Holds up requests to snapshots, before they are sent or after they were answered."""

    def __init__(self):
        self.shut, self.reached, self.left = False, asyncio.Event(), asyncio.Event()

    async def __call__(self, method, path):
        if self.shut and method == "PUT":
            self.reached.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.left.set()


async def a_cancelled_save_is_finished_by_the_next():
    gate = Gate()
    wallet = await client("wallet", transport=Http(before=gate))
    passphrase = generate_passphrase()
    await register(wallet, "dora", passphrase)
    await wallet.log_in(passphrase)
    for end in ("task", "object"):
        gate.shut, gate.reached, gate.left = True, asyncio.Event(), asyncio.Event()
        save = asyncio.create_task(wallet.save(note(f"first by {end}")))
        await gate.reached.wait()
        if end == "task":
            save.cancel()
            try:
                await save
                raise AssertionError("it was cancelled")
            except asyncio.CancelledError:
                pass
        else:
            wallet.cancel()
            await fails(RootcellarError.Cancelled, save, "cancelled")
        # The app's own request is ended, too.
        await gate.left.wait()
        assert (await wallet.state()).pending_save and (await wallet.state()).session_open
        gate.shut = False
        await wallet.save(note(f"second by {end}"))
        assert not (await wallet.state()).pending_save
    labels = [item.label for item in (await wallet.refresh()).items]
    assert labels == ["first by task", "second by task", "first by object", "second by object"], labels


async def a_login_finishes_what_was_cancelled_or_it_is_discarded():
    gate = Gate()
    wallet = await client("purse", transport=Http(before=gate))
    passphrase = generate_passphrase()
    await register(wallet, "emil", passphrase)
    await wallet.log_in(passphrase)
    for finish in (True, False):
        gate.shut, gate.reached = True, asyncio.Event()
        save = asyncio.create_task(wallet.save(note("held up")))
        await gate.reached.wait()
        save.cancel()
        await asyncio.gather(save, return_exceptions=True)
        gate.shut = False
        if finish:
            overview = await wallet.log_in(passphrase)
            assert overview.pending_save == PendingSaveResult.SAVED and len(overview.items) == 1
        else:
            await wallet.discard_pending_save()
            assert await wallet.finish_pending_save() == PendingSaveResult.NONE
            assert len((await wallet.refresh()).items) == 1


async def a_cancelled_registration_is_found_by_the_same_call():
    reached, hold = asyncio.Event(), asyncio.Event()

    async def before(_, path):
        if path.endswith("/login/start"):
            reached.set()
            await hold.wait()

    wallet = await client("cut", transport=Http(before=before))
    passphrase = generate_passphrase()
    code = await wallet.generate_recovery_code(RecoveryCodePurpose.REGISTRATION)
    task = asyncio.create_task(wallet.register("frieda", passphrase, code))
    await reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    told = (await wallet.state()).recovery_code
    assert (told.purpose, told.state) == (RecoveryCodePurpose.REGISTRATION, RecoveryCodeState.WAITING)
    hold.set()
    made = await wallet.register("frieda", passphrase, code)
    assert (await wallet.state()).recovery_code is None and made.passphrase_accepted_in_seconds is None
    assert (await wallet.log_in(passphrase)).named
    other = await client("cut again")
    assert (await other.recover(code)).account_id == (await wallet.state()).account_id


async def the_loop_lives_while_a_passphrase_is_stretched():
    watch = Watch()
    wallet = await client("stretched", progress=watch)
    passphrase = generate_passphrase()
    await register(wallet, "gina", passphrase)
    watch.events.clear()
    async with Ticks() as ticks:
        await wallet.log_in(passphrase)
    assert ticks.count > 20, ticks.count
    kinds = [type(event) for event in watch.events]
    assert kinds.count(ProgressEvent.KEY_DERIVATION_BEGAN) == kinds.count(ProgressEvent.KEY_DERIVATION_ENDED) == 1
    requests = [event for event in watch.events if event.is_REQUEST()]
    # A busy vault may have been asked again.
    assert [event.status for event in requests].count(200) == 2 and all("gina" not in event.path for event in requests)

    # Cancelled in the middle of a stretching, the app goes on at once, and the object after it.
    begun, loop = asyncio.Event(), asyncio.get_running_loop()
    watch.happened = lambda event: loop.call_soon_threadsafe(begun.set) if event.is_KEY_DERIVATION_BEGAN() else None
    task = asyncio.create_task(wallet.log_in(passphrase))
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not (await wallet.state()).session_open
    assert (await wallet.log_in(passphrase)).named


run(
    a_cancelled_save_is_finished_by_the_next,
    a_login_finishes_what_was_cancelled_or_it_is_discarded,
    a_cancelled_registration_is_found_by_the_same_call,
    the_loop_lives_while_a_passphrase_is_stretched,
)
