"""Runs one service as one process: `python -m shared.serving filter` serves services.filter on its address."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from types import FrameType

import uvicorn

from shared.connections import BoundedProtocol
from shared.errors import Misconfigured

STOP_GRACE_S = 30
_COULD_NOT_START = 3  # as uvicorn's own command says it


class _Server(uvicorn.Server):
    """Tells the application at the first signal to stop: streams that it holds open would delay the end."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._on_stop is not None:
            self._on_stop()
        super().handle_exit(sig, frame)


def spare_collections() -> None:
    """Has the garbage collector leave alone what lives as long as the process, and look less often at the rest.

    A batch makes thousands of short-lived objects that reference counting frees; looking for cycles among them each
    time took an eighth of the filter's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def main(arguments: list[str]) -> int:
    """Serves the named service until it is told to stop. Exit code 2 on wrong use or wrong settings."""
    if len(arguments) != 1 or not arguments[0].isidentifier():
        print("usage: python -m shared.serving SERVICE", file=sys.stderr)
        return 2
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
