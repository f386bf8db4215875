"""Keeps messages ours for as long as they are worked on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from nats.aio.msg import Msg

_HEARTBEAT_S = 2.0  # a third of the shortest ack_wait of the topology


@asynccontextmanager
async def heartbeat(raws: Sequence[Msg]) -> AsyncIterator[None]:
    """Tells the broker every few seconds that the block still works on these messages."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(_HEARTBEAT_S)
            for raw in raws:
                with suppress(Exception):
                    if not raw.is_acked:
                        await raw.in_progress()

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
