"""The pulse of a process: it says that it lives, and which of its readiness checks fail, again and again."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import structlog

from shared.errors import Transient
from shared.observability.health import Check, run_checks
from shared.stopping import cancelled
from shared.storage.heartbeats import Heartbeats

log = structlog.get_logger(__name__)

INTERVAL_S: Final = 15.0
"""How often a replica says so; one that was not heard for some of these is gone."""

_LONGEST = 300


def replica_name() -> str:
    """This process among the replicas of its service."""
    return f"{socket.gethostname()}:{os.getpid()}"


@asynccontextmanager
async def beating(
    heartbeats: Heartbeats,
    service: str,
    checks: Mapping[str, Check],
    *,
    replica: str | None = None,
    interval_s: float = INTERVAL_S,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[None]:
    """Beats while the block runs. A database that is away is waited for; nothing of this stops the service."""

    async def run() -> None:
        while True:
            try:
                await beat(heartbeats, service, replica or replica_name(), checks, clock())
            except Transient:
                log.debug("heartbeat.waits", service=service)
            except Exception:  # a pulse that has stopped would be taken for a dead service
                log.exception("heartbeat.failed", service=service)
            await asyncio.sleep(interval_s)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        await cancelled(task)


async def beat(heartbeats: Heartbeats, service: str, replica: str, checks: Mapping[str, Check], now: datetime) -> None:
    """One beat: `detail` is {"ready": bool, "troubles": {check: what is wrong}}."""
    results = await run_checks(checks)
    troubles = {name: result[:_LONGEST] for name, result in results.items() if result != "ok"}
    await heartbeats.beat(service, replica, now, {"ready": not troubles, "troubles": troubles})
