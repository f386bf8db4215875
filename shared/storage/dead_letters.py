"""Messages that could not be handled, kept until somebody has looked at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import orjson

from shared.contracts.pipeline import DeadLetter


class Outcome(StrEnum):
    """What became of a letter. An open one is one that nobody has settled yet."""

    OPEN = "open"
    REPLAYED = "replayed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Which letters: all conditions that are given hold. `since` is included, `until` is not.

    `group` is a group's id; letters whose payload names no group have none. `outcome` None asks for settled ones, too.
    """

    outcome: Outcome | None = Outcome.OPEN
    stage: str | None = None
    reason: str | None = None
    message_id: str | None = None
    group: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter and what became of it; `settled_at` and `settled_by` are None while it is open."""

    letter: DeadLetter
    outcome: Outcome
    settled_at: datetime | None = None
    settled_by: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """How many open letters of a stage share a reason, and when the first and the last of them failed."""

    stage: str
    reason: str
    number: int
    first_at: datetime
    last_at: datetime


class DeadLetters(Protocol):
    """The dead letters' port."""

    async def add(self, letter: DeadLetter) -> bool:
        """Keeps a letter, open. False when it was there already; a settled one stays settled."""
        ...

    async def get(self, event_id: str) -> DeadLetter | None:
        """The letter of this id, open or not."""
        ...

    async def kept(self, event_id: str) -> KeptLetter | None:
        """The letter of this id with what became of it."""
        ...

    async def open(self, *, stage: str | None = None, limit: int = 100) -> list[DeadLetter]:
        """Open letters, latest first, all or one stage's."""
        ...

    async def find(self, wanted: LetterFilter, *, skip: int = 0, limit: int = 100) -> list[KeptLetter]:
        """The letters for which the filter holds, latest first, without the first `skip` of them."""
        ...

    async def ids(self, wanted: LetterFilter, *, limit: int = 10_000) -> list[str]:
        """The ids of the letters for which the filter holds, the longest dead first: the order to replay them in."""
        ...

    async def count(self, wanted: LetterFilter) -> int:
        """For how many letters the filter holds."""
        ...

    async def kinds(self) -> list[Kind]:
        """The open letters by stage and reason, the most frequent first."""
        ...

    async def count_open(self) -> int:
        """How many are open."""
        ...

    async def settle(
        self, event_ids: Sequence[str], outcome: str, *, by: str | None = None, at: datetime | None = None
    ) -> int:
        """Closes those of these letters that are open ("replayed", "dropped"); returns how many that were."""
        ...


def group_of(letter: DeadLetter) -> str | None:
    """The id of the group that the payload names: one of our events, or a message as the gateway writes it."""
    try:
        body = orjson.loads(letter.payload)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(body, Mapping):
        return None
    inner = body.get("message")
    for place in (body, inner if isinstance(inner, Mapping) else {}):
        found = _text(_text_map(place.get("group")).get("id")) or _text(place.get("chat_id"))
        if found:
            return found
    return None


def _text_map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return value[:100] if isinstance(value, str) and value else None
