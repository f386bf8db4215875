"""The claims in memory."""

from __future__ import annotations

from datetime import datetime

from shared.storage.claims import Claim


class MemoryClaims:
    """The port `Claims`, kept in a dictionary."""

    def __init__(self) -> None:
        self._claims: dict[str, Claim] = {}

    async def take(self, claim: Claim, *, now: datetime) -> Claim:
        """As the port says."""
        held = self._claims.get(claim.call_id)
        if held is None or held.by == claim.by or held.until <= now:
            self._claims[claim.call_id] = held = claim
        return held

    async def release(self, call_id: str, by: str) -> None:
        """As the port says."""
        held = self._claims.get(call_id)
        if held is not None and held.by == by:
            del self._claims[call_id]

    async def standing(self, now: datetime) -> list[Claim]:
        """As the port says."""
        return [claim for claim in self._claims.values() if claim.until > now]
