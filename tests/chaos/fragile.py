"""A service that a poisoned message kills: `python -m tests.chaos.fragile filter`.

The service itself, with one trap in front of its handler: the process dies, as it would of a crash in a native library,
whenever it begins to handle a message that holds the poison. Nothing in the product knows of it.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from shared import serving

POISON = "☠-this-message-kills-its-worker-☠"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _trap_filter() -> None:
    from services.filter import arrival, handlers

    read = arrival.read

    def fatal(payload: bytes) -> Any:
        event = read(payload)
        if f"{POISON}:filter" in getattr(event, "text", ""):
            _die()
        return event

    vars(handlers)["read"] = fatal  # the name that the handler calls


def _trap_extractor() -> None:
    from services.extractor.handlers import ExtractorHandlers

    handle = ExtractorHandlers.on_candidate

    async def fatal(self: ExtractorHandlers, event: Any) -> None:
        if f"{POISON}:extractor" in event.message.text:
            _die()
        await handle(self, event)

    ExtractorHandlers.on_candidate = fatal  # type: ignore[method-assign]


TRAPS = {"filter": _trap_filter, "extractor": _trap_extractor}

if __name__ == "__main__":
    TRAPS[sys.argv[1]]()
    sys.exit(serving.main(sys.argv[1:]))
