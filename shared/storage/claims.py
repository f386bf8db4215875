"""Claims: which reviewer looks at which call, for some minutes. They hold nobody off: the call's version decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Claim:
    """One person at one call, until then."""

    call_id: str
    by: str
    until: datetime


class Claims(Protocol):
    """The port of the claims."""

    async def take(self, claim: Claim, *, now: datetime) -> Claim:
        """The claim that holds after this: this one where the call was free or the person's own, else the other's."""
        ...

    async def release(self, call_id: str, by: str) -> None:
        """Gives it back; nothing happens where somebody else holds it."""
        ...

    async def standing(self, now: datetime) -> list[Claim]:
        """The claims that hold now, in no order."""
        ...
