"""Who posted a text first: the claims that make copies in other groups sightings of one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TextClaim:
    """This message is the first with this text. `fingerprint` is of the folded text: emoji and spelling don't count."""

    fingerprint: str
    message_id: str
    sent_at: datetime


class Texts(Protocol):
    """The port of the text claims."""

    async def claim(self, claims: Sequence[TextClaim], *, since: datetime) -> list[str]:
        """For each, the id of the message that owns the text: its own where it is the first.

        A claim sent before `since` has lapsed and is taken over: the same words later are no copy for the filter.
        """
        ...

    async def release(self, fingerprint: str, message_id: str) -> None:
        """Gives up this message's claim on a text; nothing happens where it is another's."""
        ...
