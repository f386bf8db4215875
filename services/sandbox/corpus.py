"""The messages to replay: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Row:
    """One message of the corpus. `gold` holds the fields of the call in it; None where it is none."""

    id: str
    text: str
    group: str
    type: str = "text"
    gold: dict[str, Any] | None = None


def load(path: Path) -> list[Row]:
    """The rows of a file in its order; Misconfigured with the line where it is wrong."""
    try:
        return parse(path.read_text(encoding="utf-8").splitlines())
    except OSError as error:
        raise Misconfigured(f"SANDBOX_CORPUS: {path} cannot be read ({type(error).__name__})") from None


def parse(lines: Iterable[str]) -> list[Row]:
    """The rows in these lines; empty lines are passed over."""
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append(Row(str(row["id"]), row["text"], row["group"], row.get("type") or "text", row.get("gold")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Misconfigured(f"SANDBOX_CORPUS: line {number} is no message ({type(error).__name__})") from None
    return rows
