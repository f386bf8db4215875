"""Runs one service as one process: `python -m shared.serving filter` serves services.filter on its address."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import Any

import structlog
import uvicorn
from uvicorn.lifespan.on import LifespanOn, LifespanSendMessage

from shared.connections import BoundedProtocol
from shared.errors import Misconfigured
from shared.stopping import cancelled

log = structlog.get_logger(__name__)

STOP_GRACE_S = 30
_ARENA_MAX, _HEAPS = -8, 2  # M_ARENA_MAX of glibc's malloc.h
_COULD_NOT_START = 3  # as uvicorn's own command says it
_COLLECT_EVERY = 300  # ticks, which is half a minute; it takes some ten milliseconds
_LOOK_S = 0.1  # how often a start looks whether it is still wanted; the server looks as often


class _Start(LifespanOn):
    """The start and the end of the application; the start is given up at a signal, for it may wait for the broker."""

    def __init__(self, config: uvicorn.Config, unwanted: Callable[[], bool]) -> None:
        super().__init__(config)
        self._unwanted = unwanted
        self._running: list[asyncio.Task[None]] = []
        self.given_up = False

    async def main(self) -> None:
        """As the server's, which keeps no hold on the task."""
        if task := asyncio.current_task():
            self._running.append(task)
        await super().main()

    async def send(self, message: LifespanSendMessage) -> None:
        """As the server's; how an application ends whose start was given up is no failure to tell."""
        if not self.given_up:
            await super().send(message)

    async def startup(self) -> None:
        """Returns once the application runs. Where it failed or is no longer wanted, `should_exit` is set."""
        starting = asyncio.create_task(super().startup())
        while not starting.done() and not self._unwanted():
            await asyncio.wait([starting], timeout=_LOOK_S)
        if starting.done():
            await starting
            return
        log.info("serving.stopped_before_it_ran")
        self.given_up = self.startup_failed = self.should_exit = True
        await cancelled(starting, *self._running)


class _Server(uvicorn.Server):
    """Tells the application at the first signal to stop: streams that it holds open would delay the end."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    async def startup(self, sockets: Any = None) -> None:
        """As the server's, for as long as nobody says stop."""
        self.lifespan = start = _Start(self.config, lambda: self.should_exit)
        try:
            await super().startup(sockets)
        except SystemExit:  # the server's way to say that it does not run
            if not start.given_up:
                raise

    async def on_tick(self, counter: int) -> bool:
        """As the server's, ten times a second; now and then all cycles are looked for.

        The interpreter does so only when a quarter of what lives is new. Until then the cycles that clients leave with
        each time-out and each repeated question are megabytes, which a small heap then keeps.
        """
        if counter % _COLLECT_EVERY == 0:
            gc.collect()
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._on_stop is not None:
            self._on_stop()
        super().handle_exit(sig, frame)


def share_heaps() -> bool:
    """Has the threads of this process share two heaps of the C library, from before the first thread on.

    By default each of up to eight for each core keeps the most that it ever held, and the database's driver has many
    threads: the publisher grew by a tenth within minutes. False where the C library knows no such setting.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    return set_option is not None and set_option(_ARENA_MAX, _HEAPS) == 1


def spare_collections() -> None:
    """Has the garbage collector leave alone what lives as long as the process, and look less often at the rest.

    A batch makes thousands of short-lived objects that reference counting frees; looking for cycles among them each
    time took an eighth of the filter's time. Old cycles are looked for all the same.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def main(arguments: list[str]) -> int:
    """Serves the named service until it is told to stop. Exit code 2 on wrong use or wrong settings."""
    if len(arguments) != 1 or not arguments[0].isidentifier():
        print("usage: python -m shared.serving SERVICE", file=sys.stderr)
        return 2
    share_heaps()
    name = arguments[0]
    try:
        settings = import_module(f"services.{name}.settings")
        module = import_module(f"services.{name}.app")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith(f"services.{name}"):
            print(f"there is no service called {name}", file=sys.stderr)
            return 2
        raise
    try:
        address = settings.Address.load()
        application = module.create()
    except Misconfigured as error:
        print(f"{name} does not start: {error}", file=sys.stderr)
        return 2
    spare_collections()
    config = uvicorn.Config(
        application,
        http=BoundedProtocol,
        host=address.host,
        port=address.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=STOP_GRACE_S,
        server_header=False,
        date_header=False,
    )
    server = _Server(config, getattr(getattr(application, "state", None), "on_stop", None))
    with suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else _COULD_NOT_START


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
