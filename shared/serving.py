"""Runs one service as one process: `python -m shared.serving filter` serves services.filter on its address."""

from __future__ import annotations

import sys
from importlib import import_module

import uvicorn

from shared.errors import Misconfigured

STOP_GRACE_S = 30


def main(arguments: list[str]) -> int:
    """Serves the named service until it is told to stop. Exit code 2 on wrong use, 1 when its settings are wrong."""
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
        return 1
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
