"""The words of each candidate and the pieces by which they are found: what is needed to know a call again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

COMMON = 8  # messages with a piece from which on it says little
TELLING = 6  # the rarest pieces of a message, which are used however common they are
_COUNTED = 20_000  # pieces of which the number is kept


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


class Commonness:
    """How many messages each piece was lately in, as far as this process has seen, so that a phrase which is in every
    post costs no more to keep and to ask for than another.
    """

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def note(self, pieces: Sequence[int]) -> None:
        """Counts one more message with these. What was not met for longest is forgotten, so that memory is bounded."""
        for piece in pieces:
            self._seen[piece] = self._seen.pop(piece, 0) + 1
        if len(self._seen) > _COUNTED:
            for piece in list(self._seen)[: _COUNTED // 2]:
                del self._seen[piece]

    def worth(self, pieces: Sequence[int]) -> list[int]:
        """Those that few messages had, and in any case the rarest; the first of equals."""
        by_number = sorted(dict.fromkeys(pieces), key=lambda piece: self._seen.get(piece, 0))
        return [piece for place, piece in enumerate(by_number) if place < TELLING or self._seen.get(piece, 0) < COMMON]


def nearest(asked: Sequence[int], found: Mapping[str, Sequence[int]], limit: int) -> list[str]:
    """The ids of the messages that share most with `asked`, given each one's pieces: rare pieces count for more."""
    holders: dict[int, list[str]] = defaultdict(list)
    for id, pieces in found.items():
        for piece in set(pieces).intersection(asked):
            holders[piece].append(id)
    weights: dict[str, float] = defaultdict(float)
    for ids in holders.values():
        for id in ids:
            weights[id] += 1 / len(ids)
    return sorted(weights, key=lambda one: (-weights[one], one))[:limit]


class Signatures(Protocol):
    """The port of the signatures. `pieces` are hashes of the text's pieces (0 to 2^63 - 1)."""

    async def put(self, signature: Signature, pieces: Sequence[int]) -> Signature:
        """Keeps a message and its pieces, and gives back what is kept, with what was decided before.

        An edit replaces the words; the unedited message, delivered again, does not bring the old ones back. A piece
        that many messages have names no more of them, the rarest few of a message excepted.
        """
        ...

    async def near(self, pieces: Sequence[int], *, but: str, limit: int) -> list[Signature]:
        """Kept messages that share pieces, those with the rarest in common first, at most `limit`, without `but`."""
        ...

    async def get(self, message_id: str) -> Signature | None:
        """What is kept of this message."""
        ...

    async def decide(self, signature: Signature, original: str) -> str:
        """Says whose call a message is. The first decision stands and is given back."""
        ...

    async def settle(self, message_id: str, outcome: Outcome) -> None:
        """Notes what became of a message that was decided: its copies wait for that."""
        ...
