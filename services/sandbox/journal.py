"""The sandbox's memory on disk: one JSON line for each change, read again at the next start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from shared.errors import Misconfigured


class Journal:
    """Lines in `journal.jsonl` of a folder; without a folder it forgets. One writer at a time."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "journal.jsonl" if folder else None
        self._file: TextIO | None = None

    def entries(self) -> Iterator[dict[str, Any]]:
        """What was written, oldest first. A last line that a crash cut off is passed over, and is cut off for good."""
        if self._path is None or not self._path.exists():
            return
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            with self._path.open("r+b") as file:
                file.truncate(whole)
        for number, line in enumerate(content[:whole].splitlines(), 1):
            try:
                yield json.loads(line)
            except ValueError:
                raise Misconfigured(
                    f"SANDBOX_STATE: line {number} of {self._path} is damaged; delete the file"
                ) from None

    def append(self, kind: str, **entry: Any) -> None:
        """Writes one entry through to the operating system."""
        if self._path is None:
            return
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a", encoding="utf-8")
        self._file.write(json.dumps({"kind": kind, **entry}) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
