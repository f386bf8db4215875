"""The text claims in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.storage.texts import TextClaim


class MemoryTexts:
    """As `shared.storage.texts.Texts` says."""

    def __init__(self) -> None:
        self.claims: dict[str, TextClaim] = {}

    async def claim(self, claims: Sequence[TextClaim], *, since: datetime) -> list[str]:
        """As the port says."""
        owners = []
        for claim in claims:
            stored = self.claims.get(claim.fingerprint)
            if stored is None or stored.sent_at < since:
                self.claims[claim.fingerprint] = stored = claim
            owners.append(stored.message_id)
        return owners

    async def release(self, fingerprint: str, message_id: str) -> None:
        """As the port says."""
        stored = self.claims.get(fingerprint)
        if stored is not None and stored.message_id == message_id:
            del self.claims[fingerprint]
