"""A wallet that embeds the library: backs a phrase up, and restores what is backed up. Secrets come by standard input, as JSON."""

import asyncio
import json
import os
import sys

from rootcellar import Change, ClientOptions, LoginOptions, NewEntry, RootcellarClient, Secret


async def main():
    asked = json.load(sys.stdin)
    wallet = await RootcellarClient.open(ClientOptions(folder=os.environ["FOLDER"], vault=os.environ["VAULT"]))
    passphrase = bytearray(asked["passphrase"].encode())
    if asked["register"]:
        await wallet.register(asked["account"], passphrase)
    overview = await wallet.log_in(passphrase, asked["account"], LoginOptions(to_restore=True))
    if asked["add"]:
        adds = [NewEntry(label=label, secret=Secret.PHRASE(bytearray(words.encode()))) for label, words in asked["add"].items()]
        await wallet.save(Change(add=adds))
        overview = await wallet.log_in(passphrase, asked["account"], LoginOptions(to_restore=True))
    opened = [await wallet.open_entry(item.id) for item in overview.items]
    print(json.dumps({entry.item.label: bytes(entry.secret.words).decode() for entry in opened}))


asyncio.run(main())
