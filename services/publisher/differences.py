"""What differs between two versions of a call's fields: leaf by leaf, for history, conflicts and suggestions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.contracts.calls import CastingCall
from shared.storage.calls import FieldChange


def changes(before: CastingCall, after: CastingCall) -> tuple[FieldChange, ...]:
    """Each leaf that differs, in the fields' order; empty where nothing does."""
    old, new = _leaves(before), _leaves(after)
    paths = list(dict.fromkeys([*new, *old]))
    return tuple(
        FieldChange(path=path, before=old.get(path), after=new.get(path))
        for path in paths
        if old.get(path) != new.get(path)
    )


def untouched(since: Iterable[FieldChange], mine: CastingCall) -> frozenset[str]:
    """The fields that others have changed, and that `mine`, begun before them, holds as they were: nobody typed these.

    Rows are left out: they have no name of their own, and one that is added or taken out moves those behind it.
    """
    first: dict[str, Any] = {}
    for change in since:
        first.setdefault(change.path, change.before)
    held = _leaves(mine)
    return frozenset(path for path, before in first.items() if not _in_a_row(path) and held.get(path) == before)


def _in_a_row(path: str) -> bool:
    return any(part.isdigit() for part in path.split("."))


def _leaves(call: CastingCall) -> dict[str, Any]:
    found: dict[str, Any] = {}
    _walk("", call.model_dump(mode="json"), found)
    return found


def _walk(path: str, value: Any, found: dict[str, Any]) -> None:
    if isinstance(value, dict):
        for name, item in value.items():
            _walk(f"{path}.{name}" if path else name, item, found)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for at, item in enumerate(value):
            _walk(f"{path}.{at}", item, found)
    elif value not in (None, [], ""):
        found[path] = value
