"""The words of each candidate and the pieces by which they are found: what is needed to know a call again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

NAMED_AGAIN = 2  # pieces that had messages before and name one more


class Outcome(StrEnum):
    """What became of an original."""

    CALL = "call"  # handed on to the publisher
    NONE = "none"  # no casting call


@dataclass(frozen=True, slots=True)
class Signature:
    """One message's words. `original` names the message whose call this is, itself where it is the first; null while
    that is open. `touched_at` is when its candidate was last worked on.
    """

    message_id: str
    text: str
    sent_at: datetime
    touched_at: datetime
    expires_at: datetime
    edited: bool = False
    original: str | None = None
    outcome: Outcome | None = None

    @property
    def is_original(self) -> bool:
        """Whether it was decided to be the first of its call."""
        return self.original == self.message_id


class Signatures(Protocol):
    """The port of the signatures. `pieces` are hashes of the text's pieces (0 to 2^63 - 1)."""

    async def put(self, signature: Signature, pieces: Sequence[int]) -> Signature:
        """Keeps a message and its pieces, and gives back what is kept, with what was decided before.

        An edit replaces the words; the unedited message, delivered again, does not bring the old ones back. The message
        is named by the pieces that it is the first to have, and by the first few of the others: put the most telling
        ones in front.
        """
        ...

    async def near(self, pieces: Sequence[int], *, but: str, limit: int) -> list[Signature]:
        """Kept messages that share pieces, the rarest shared ones first, at most `limit`, without the message `but`.

        A piece remembers its latest messages only, so that a phrase which is in every post costs no more than another.
        """
        ...

    async def get(self, message_id: str) -> Signature | None:
        """What is kept of this message."""
        ...

    async def decide(self, message_id: str, original: str) -> str | None:
        """Says whose call a message is. The first decision stands and is given back; None when it is not kept."""
        ...

    async def settle(self, message_id: str, outcome: Outcome) -> None:
        """Notes what became of an original: its copies wait for that."""
        ...
