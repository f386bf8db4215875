"""`make fuzz`: many hostile inputs, by a seed. The last line is the verdict; exit code 1 where anything broke.

Texts go through every stage that reads them, deliveries through the wire reader, requests to a receiver that runs as a
process and whose memory is watched.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import traceback
from pathlib import Path
from random import Random

from pydantic import SecretStr

from services.operator import embedded
from shared.contracts.messages import RAW_EVENT
from shared.settings import MongoSettings
from shared.whapi.wire import inspect_delivery
from tests.hostile import checks
from tests.hostile.attacks import Tally, answer_to, corpus, delivery, message, mutation, request, send_all
from tests.hostile.receiver_stack import Target, target
from tests.hostile.texts import hostile

SHARE_OF_TEXTS = 0.05  # each goes through all stages, which costs a thousand times a request
_AT_ONCE = 16


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def delivered(random: Random, number: int) -> None:
    """One delivery by chance: whatever comes out of it can travel."""
    raw = mutation(random, number).request.partition(b"\r\n\r\n")[2]
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return
    found = inspect_delivery(body if isinstance(body, dict) else {"messages": body})
    for event in found.events:
        assert RAW_EVENT.validate_json(event.model_dump_json()) == event
    for piece in found.malformed:
        piece.payload.encode()


def texts(random: Random, count: int) -> list[str]:
    """Reads so many texts and deliveries; what broke."""
    broken: list[str] = []
    for number in range(count):
        text = hostile(random, longest=1500)
        try:
            checks.everything(text)
            delivered(random, number)
        except Exception:
            broken.append(f"text {number}: {text[:200]!r}\n{traceback.format_exc(limit=-3)}")
    return broken


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
    random = Random(seed)
    read = int(count * SHARE_OF_TEXTS)
    broken = texts(random, read)
    with tempfile.TemporaryDirectory() as folder:
        database = embedded.start_mongo(Path(folder) / "mongo")
        try:
            mongo = MongoSettings(url=SecretStr(embedded.mongo_url(database.port)), database="fuzz")
            async with target(Path(folder), mongo) as receiver:
                tally = await attacked(receiver, random, count - read)
                letters, idle, most = await receiver.letters(), receiver.idle, receiver.most
        finally:
            database.stop()
    for line in (*broken[:20], *tally.wrong):
        _say(line)
    _say(f"texts read: {read}; requests: {tally.sent}; answers: {dict(sorted(tally.statuses.items()))}")
    _say(f"dead letters kept: {letters}; memory of the receiver: idle {idle / 1e6:.0f} MB, most {most / 1e6:.0f} MB")
    held = not broken and not tally.wrong and most <= 2 * idle and not any(s >= 500 for s in tally.statuses)
    _say(
        f"fuzz: {'HELD' if held else 'BROKEN'} count={count} seed={seed} broken={len(broken)} "
        f"wrong={len(tally.wrong)} memory={most / idle:.2f}x"
    )
    return held


def main() -> int:
    """Exit code 0 where it held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    return 0 if asyncio.run(run(chosen.count, chosen.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
