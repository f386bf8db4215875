"""Ends the process groups of a runner that died without ending them itself: killed, crashed, or its terminal closed.

It runs as a process of its own and reads from a pipe that only the runner holds the other end of. When that end
closes, the runner is gone. The lines are "+GROUP", "-GROUP" and "done". Standard library only, and no imports of ours:
it starts with `python -I -S`, in some milliseconds and megabytes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

GRACE_S = 15.0


def watch() -> None:
    """Reads until the pipe closes, then ends what is still listed: with SIGTERM, later with SIGKILL."""
    groups: dict[int, None] = {}
    for line in sys.stdin:
        word = line.strip()
        if word == "done":
            return
        if word.startswith("+"):
            groups[int(word[1:])] = None
        elif word.startswith("-"):
            groups.pop(int(word[1:]), None)
    end(list(groups))


def end(groups: list[int]) -> None:
    """Ends these process groups in their order of starting from the last to the first, and insists after a grace."""
    for group in reversed(groups):
        _signal(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    while groups and time.monotonic() < deadline:
        time.sleep(0.1)
        groups = [group for group in groups if _signal(group, 0)]
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watch()
