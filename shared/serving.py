"""Runs one service as one process: `python -m shared.serving filter` serves services.filter on its address."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

import uvicorn

from shared.errors import Misconfigured

STOP_GRACE_S = 30


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
    uvicorn.run(
        application,
        host=address.host,
        port=address.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=STOP_GRACE_S,
        server_header=False,
        date_header=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
