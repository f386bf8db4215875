"""The end of a process's tasks."""

from __future__ import annotations

import asyncio

from shared.stopping import cancelled


async def test_a_task_that_swallows_a_cancellation_is_ended_all_the_same() -> None:
    swallowed = 0

    async def deaf() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed > 1:
                    raise

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await cancelled(task)
    assert task.done()
    assert swallowed == 2


async def test_what_has_failed_or_ended_holds_nothing_up() -> None:
    async def fails() -> None:
        raise ValueError("long ago")

    failed = asyncio.create_task(fails())
    await asyncio.wait([failed])
    await cancelled(failed)
    await cancelled()
