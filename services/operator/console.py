"""The runner's voice: every line of every process with its name in front: one terminal shows the whole stack."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TextIO

_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_OWN = "twin"
_WIDTH = 9
_LONGEST = 16_384


class Console:
    """Writes lines with a name in front, in colour on a terminal. `closed` once nobody reads any more."""

    def __init__(self, out: TextIO | None = None) -> None:
        stream = out or sys.stdout
        self._out: BinaryIO = stream.buffer
        self._colours = stream.isatty()
        self._names: dict[str, int] = {}
        self.closed = False

    def say(self, text: str) -> None:
        """The runner's own words."""
        for line in text.splitlines() or [""]:
            self.line(_OWN, line.encode())

    def line(self, name: str, line: bytes) -> None:
        """One line of the process of this name."""
        label = f"{name:<{_WIDTH}}│ "
        if self._colours:
            colour = 1 if name == _OWN else _COLOURS[self._names.setdefault(name, len(self._names)) % len(_COLOURS)]
            label = f"\x1b[{colour}m{label}\x1b[0m"
        self._write(label.encode() + line + b"\n")

    def _write(self, data: bytes) -> None:
        if self.closed:
            return
        try:
            self._out.write(data)
            self._out.flush()
        except (OSError, ValueError):  # the terminal or the reader of the pipe is gone
            self.closed = True
            self._forget()

    def _forget(self) -> None:
        """Lets what is still buffered go nowhere, so that the interpreter does not fail on it at its end."""
        with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), self._out.fileno())


class Lines:
    """Cuts what a process writes into lines; a line without an end is passed on in pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now, without their ends."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST:
            whole.append(self._rest)
            self._rest = b""
        return [line.rstrip(b"\r") for line in whole]

    def end(self) -> list[bytes]:
        """What is left at the end."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else []
