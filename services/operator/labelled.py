"""Files of labelled messages and pairs: read whole, each bad line refused with its number."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from services.operator.evaluate_duplicates import Pair
from services.operator.evaluate_filter import CALL, Row
from shared.errors import Malformed, Misconfigured

T = TypeVar("T")

_LISTS: dict[str, set[str]] = {"roles": set(), "contacts": {"kind", "value"}}


def messages(path: Path) -> list[Row]:
    """The labelled messages of a corpus. Misconfigured, with file and line, where one cannot be read."""
    return _read(path, Row.of)


def calls(path: Path) -> list[Mapping[str, Any]]:
    """The rows of a corpus with their gold, as the extractor's evaluation takes them; noise stays in."""
    return _read(path, with_gold)


def pairs(path: Path) -> list[Pair]:
    """The labelled pairs of a file of pairs."""
    return _read(path, Pair.of)


def with_gold(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row that can be extracted and scored. Malformed where its time or its gold is none."""
    row = Row.of(value)
    try:
        sent_at = datetime.fromisoformat(value["sent_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(f"row {row.id!r}: sent_at is a time like 2026-11-20T18:00:00+03:00") from error
    if sent_at.tzinfo is None:
        raise Malformed(f"row {row.id!r}: sent_at needs a time zone")
    if row.is_call:
        _check_gold(row.id, value.get("gold"))
    return value


def _check_gold(id: str, gold: Any) -> None:
    """Its shape only: what the values are is for whoever wrote them to say."""
    if not isinstance(gold, Mapping):
        raise Malformed(f"row {id!r}: a {CALL} needs its fields in gold")
    for name, keys in _LISTS.items():
        items = gold.get(name) or []
        if not isinstance(items, list) or not all(isinstance(item, Mapping) and keys <= item.keys() for item in items):
            wanted = " and ".join(sorted(keys)) or "fields"
            raise Malformed(f"row {id!r}: gold.{name} is a list of objects with {wanted}")
    for name in ("compensation", "shoot_dates"):
        if not isinstance(gold.get(name) or {}, Mapping):
            raise Malformed(f"row {id!r}: gold.{name} is an object or null")


def _read(path: Path, row_of: Callable[[Mapping[str, Any]], T]) -> list[T]:
    rows = []
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            rows.append(row_of(_object(line)))
        except Malformed as error:
            raise Misconfigured(f"{path}:{number}: {error}") from error
    if not rows:
        raise Misconfigured(f"{path}: no lines; one JSON object a line is wanted")
    return rows


def _lines(path: Path) -> list[str]:
    try:
        # By line feeds only: a text may hold the other characters that Python takes for the end of a line.
        return path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{path}: not UTF-8 (byte {error.start})") from error


def _object(line: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise Malformed(f"no JSON ({error})") from error
    if not isinstance(value, dict):
        raise Malformed("one JSON object a line is wanted")
    return value
