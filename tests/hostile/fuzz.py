"""`make fuzz`: many hostile inputs, by a seed. The last line is the verdict; exit code 1 where anything broke.

Texts go through every stage that reads them and deliveries through the wire reader, in a process of their own; requests
go to a receiver that runs as a process. The memory of both is watched: neither may take more than twice its idle.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from random import Random

from pydantic import SecretStr

from services.operator import embedded
from shared.settings import MongoSettings
from tests.hostile import reading
from tests.hostile.attacks import Tally, answer_to, corpus, delivery, message, mutation, request, send_all
from tests.hostile.receiver_stack import Target, target

SHARE_OF_TEXTS = 0.05  # each goes through all stages, which costs a thousand times a request
_AT_ONCE = 16


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def attacked(receiver: Target, random: Random, count: int) -> Tally:
    """Sends so many requests, the named ones among them, and watches the memory."""
    assert await answer_to(request(delivery(message("before"))), receiver.port) == 200
    receiver.rested()
    watching = asyncio.create_task(receiver.watch())
    tally = await send_all(corpus(), receiver.port)
    left = max(0, count - tally.sent)
    rest = await send_all((mutation(random, number) for number in range(left)), receiver.port, at_once=_AT_ONCE)
    watching.cancel()
    for status, times in rest.statuses.items():
        tally.statuses[status] = tally.statuses.get(status, 0) + times
    tally.sent, tally.wrong = tally.sent + rest.sent, tally.wrong + rest.wrong
    if await answer_to(request(delivery(message("after"))), receiver.port) != 200:
        tally.wrong.append("a good message afterwards is not taken")
    return tally


async def run(count: int, seed: int) -> bool:
    """All of it; whether it held."""
    read = await reading.in_a_process(int(count * SHARE_OF_TEXTS), seed)
    with tempfile.TemporaryDirectory() as folder:
        database = embedded.start_mongo(Path(folder) / "mongo")
        try:
            mongo = MongoSettings(url=SecretStr(embedded.mongo_url(database.port)), database="fuzz")
            async with target(Path(folder), mongo) as receiver:
                tally = await attacked(receiver, Random(seed), count - read.texts)
                letters, idle, most = await receiver.letters(), receiver.idle, receiver.most
        finally:
            database.stop()
    for line in (*read.told, *tally.wrong):
        _say(line)
    _say(f"texts read: {read.texts}; requests: {tally.sent}; answers: {dict(sorted(tally.statuses.items()))}")
    _say(f"memory of the receiver: {_megabytes(idle, most)}; of the reader: {_megabytes(read.idle, read.most)}")
    _say(f"dead letters kept: {letters}")
    no_fault = not read.broken and not tally.wrong and not any(status >= 500 for status in tally.statuses)
    held = no_fault and most <= 2 * idle and read.most <= 2 * read.idle
    _say(
        f"fuzz: {'HELD' if held else 'BROKEN'} count={count} seed={seed} broken={read.broken} wrong={len(tally.wrong)} "
        f"memory={most / idle:.2f}x reader={read.most / read.idle:.2f}x"
    )
    return held


def _megabytes(idle: int, most: int) -> str:
    return f"idle {idle / 1e6:.0f} MB, most {most / 1e6:.0f} MB"


def main() -> int:
    """Exit code 0 where it held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    return 0 if asyncio.run(run(chosen.count, chosen.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
