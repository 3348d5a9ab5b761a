"""A wallet that embeds the library: the same as client/uniffi/kotlin/tests/Wallet.kt."""

import asyncio
import os
import sys

from rootcellar import (
    Change,
    ClientOptions,
    LoginOptions,
    NewEntry,
    RecoveryCodePurpose,
    RootcellarClient,
    Secret,
)


async def main():
    account, passphrase, begin, *adds = sys.stdin.read().splitlines()
    passphrase = bytearray(passphrase.encode())
    wallet = await RootcellarClient.open(ClientOptions(folder=os.environ["FOLDER"], vault=os.environ["VAULT"]))
    if begin == "register":
        code = await wallet.generate_recovery_code(RecoveryCodePurpose.REGISTRATION)
        await wallet.register(account, passphrase, code)
    overview = await wallet.log_in(passphrase, account, LoginOptions(to_restore=True))
    adds = [add.split("\t") for add in adds]
    if adds:
        await wallet.save(Change(add=[NewEntry(label=label, secret=Secret.PHRASE(words.encode())) for label, words in adds]))
        overview = await wallet.refresh()
    for item in overview.items:
        entry = await wallet.open_entry(item.id)
        print(item.label, entry.secret.words.decode(), sep="\t")


asyncio.run(main())
