"""Ending the tasks of a process that stops."""

from __future__ import annotations

import asyncio
from typing import Any

_AGAIN_AFTER_S = 0.5


async def cancelled(*tasks: asyncio.Task[Any]) -> None:
    """Returns once each of these tasks is over, whatever it ended with.

    Each is cancelled again and again: nats-py swallows a cancellation that meets it while it writes, and the task then
    goes on as if nothing had been said. Waiting for it once would hang the stop.
    """
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_AGAIN_AFTER_S)
    await asyncio.gather(*tasks, return_exceptions=True)
