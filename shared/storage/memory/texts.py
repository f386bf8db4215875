"""The text claims in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.storage.texts import TextClaim


class MemoryTexts:
    """As `shared.storage.texts.Texts` says."""

    def __init__(self) -> None:
        self.claims: dict[str, TextClaim] = {}
        self._copies: dict[str, list[str]] = {}

    async def claim(self, claims: Sequence[TextClaim], *, since: datetime) -> list[str]:
        """As the port says."""
        owners = []
        for claim in claims:
            stored = self.claims.get(claim.fingerprint)
            if stored is None or stored.sent_at < since:
                self.claims[claim.fingerprint] = stored = claim
                self._copies[claim.fingerprint] = []
            owners.append(stored.message_id)
        return owners

    async def note_copies(self, copies: Sequence[tuple[str, str]]) -> None:
        """As the port says."""
        for fingerprint, message_id in copies:
            kept = self._copies.get(fingerprint)
            if kept is not None and message_id not in kept:
                kept.append(message_id)

    async def copies(self, fingerprint: str) -> list[str]:
        """As the port says."""
        return list(self._copies.get(fingerprint, []))
