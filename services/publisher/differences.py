"""What differs between two versions of a call's fields: leaf by leaf, for history, conflicts and suggestions."""

from __future__ import annotations

from typing import Any

from shared.contracts.calls import CastingCall
from shared.storage.calls import FieldChange


def changes(before: CastingCall, after: CastingCall) -> tuple[FieldChange, ...]:
    """Each leaf that differs, in the fields' order; empty where nothing does."""
    old, new = leaves(before), leaves(after)
    paths = list(dict.fromkeys([*new, *old]))
    return tuple(
        FieldChange(path=path, before=old.get(path), after=new.get(path))
        for path in paths
        if old.get(path) != new.get(path)
    )


def leaves(call: CastingCall) -> dict[str, Any]:
    """Each leaf that says something, by its path, as a JSON value."""
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
