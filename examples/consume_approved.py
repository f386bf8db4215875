"""A consumer of the product, whole: reads `approved`, keeps the newest revision of each call, survives a restart.

    NATS_URL=nats://127.0.0.1:4222 python examples/consume_approved.py my-platform
    NATS_USER=consumer NATS_PASSWORD=… python examples/consume_approved.py consumer    # the broker of compose.yaml

It needs nothing but `pip install nats-py`; docs/schemas/approved.json says what a message looks like. What you have to
know is in three lines: use a durable consumer of your own, acknowledge after you have stored, and drop what is not
newer than what you have (`revision`), since an event may come twice.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Any

import nats
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy

calls: dict[str, dict[str, Any]] = {}  # yours is a database


def apply(event: dict[str, Any]) -> str:
    """Takes one event into `calls`; returns what it did. One that is not newer than what we have changes nothing."""
    known = calls.get(event["call_id"])
    if known and known["revision"] >= event["revision"]:
        return "known"
    calls[event["call_id"]] = event  # a withdrawal is kept as well, so that an older approval can't bring it back
    return str(event["type"])


def line(event: dict[str, Any], what: str) -> str:
    """One event for the terminal."""
    call, origin = event["call"], event["origin"]
    where = call["location_city"] or "-"
    return f"{what:9} {event['call_id']} r{event['revision']}  {call['title']}  [{where}]  {origin['message_ref']}"


def why(error: Exception, name: str) -> str | None:
    """What a refusal by the broker means, and what to do; None for an error that a new connection mends."""
    said = str(error).lower()
    if "authorization violation" in said or "authentication" in said:
        return f"the broker refuses the user {os.environ.get('NATS_USER', '-')}: look at NATS_USER and NATS_PASSWORD"
    if "permissions violation" in said and "consumer.create" in said:
        return f"there is no durable consumer {name} yet: whoever runs the twin adds it to NATS_READERS, twin provision"
    if "permissions violation" in said:
        return f"this user may not read the durable consumer {name}: the name to give is the user's own"
    return None


async def consume(url: str, name: str, stop: asyncio.Event, refused: asyncio.Future[str]) -> None:
    """Reads until `stop` is set. The first start gets every event that the stream still keeps, a later one goes on."""

    async def heard(error: Exception) -> None:
        reason = why(error, name)
        if reason is None:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        elif not refused.done():
            refused.set_result(reason)

    signed_in: dict[str, Any] = {}
    if user := os.environ.get("NATS_USER"):  # it may listen below an inbox of its own name only
        signed_in = {
            "user": user,
            "password": os.environ.get("NATS_PASSWORD", ""),
            "inbox_prefix": f"_INBOX.{user}".encode(),
        }
    client = await nats.connect(url, max_reconnect_attempts=-1, error_cb=heard, **signed_in)
    subscription = await client.jetstream().pull_subscribe(
        "approved", durable=name, stream="APPROVED", config=ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
    )
    while not stop.is_set():
        messages: list[Msg] = []
        try:
            messages = await subscription.fetch(50, timeout=1)
        except TimeoutError:  # nothing new; nats-py's own time-out is a kind of it
            continue
        for message in messages:
            event = json.loads(message.data)
            print(line(event, apply(event)), flush=True)
            await message.ack()  # after it is stored, never before
    await client.close()


async def main() -> None:
    """Runs until Ctrl-C."""
    if len(sys.argv) != 2:
        sys.exit("usage: consume_approved.py NAME   (a name of your own: it remembers how far you have read)")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    refused: asyncio.Future[str] = loop.create_future()
    url = os.environ.get("NATS_URL", "nats://127.0.0.1:4222")
    reading = asyncio.create_task(consume(url, sys.argv[1], stop, refused))
    either: list[asyncio.Future[Any]] = [reading, refused]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if refused.done():
        sys.exit(refused.result())
    await reading


if __name__ == "__main__":
    asyncio.run(main())
