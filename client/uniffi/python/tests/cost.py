"""Restores the same account again and again, and prints the CPU time of one in milliseconds: see client/core/examples/restores.rs."""

import asyncio
import os
import time

from rootcellar import LoginOptions
from support import client


async def restore(number):
    new = await client(str(number))
    overview = await new.log_in(os.environ["PASSPHRASE"].encode(), os.environ["NAME"], LoginOptions(to_restore=True))
    for item in overview.items:
        await new.open_entry(item.id)
    await new.shut_down()


async def main(count):
    await restore(count)
    before = time.process_time()
    for number in range(count):
        await restore(number)
    print(f"{(time.process_time() - before) * 1000 / count:.3f}")


asyncio.run(main(int(os.environ["COUNT"])))
