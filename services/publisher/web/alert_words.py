"""An alert in words: what happened, since when, what to look at and what to type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.publisher.web.present import shown
from services.publisher.web.words import Words
from shared.storage.alerts import Alert

_FIRST_STRONG, _END = "\u2068", "\u2069"
_UNTYPED = re.compile(r"[^\w.@:/+=-]", re.ASCII)  # what is copied into a shell is nothing but a name
_DIRECTIONS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))

_NAMED = {
    "budget": "status.budget",
    "service": "status.service",
    "stage": "status.service",
    "reader": "status.service",
}  # values that the interface has words for


@dataclass(frozen=True, slots=True)
class AlertText:
    """One language's words for an alert as it stands. `look` and `type` are empty where it is over."""

    title: str
    what: str
    when: str
    look: str = ""
    type: str = ""


def text_of(words: Words, alert: Alert) -> AlertText:
    """The words. What came from outside stands apart from the sentence's own direction."""
    values = _shown(words, alert.values)
    room = f"alerts.{alert.rule}"
    title = words(f"{room}.title", **values)
    # What is said may depend on how the thing stands: a group that waits, and one that is read already.
    special = f"{room}.what.{alert.values.get('status', '')}"
    what = words(special if words.has(special) else f"{room}.what", **values)
    if alert.resolved_at is not None:
        when = words("alerts.lasted", since=words.moment(alert.since), until=words.moment(alert.resolved_at))
        return AlertText(title, what, when)
    when = words("alerts.since", when=words.moment(alert.since))
    typed = {name: _UNTYPED.sub("?", str(value)) for name, value in alert.values.items()}
    return AlertText(title, what, when, words(f"{room}.look"), words(f"{room}.type", **typed))


def _shown(words: Words, values: Mapping[str, Any]) -> dict[str, str]:
    found = {name: _isolated(value) for name, value in values.items()}
    for name, room in _NAMED.items():
        if name in values and words.has(key := f"{room}.{values[name]}"):
            found[name] = words(key)
    return found


def _isolated(value: Any) -> str:
    if isinstance(value, (int, float)):
        return f"{value:,}"
    return f"{_FIRST_STRONG}{' '.join(shown(str(value)).translate(_DIRECTIONS).split())}{_END}"
