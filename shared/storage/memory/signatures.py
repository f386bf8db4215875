"""The signatures in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.storage.signatures import Commonness, Outcome, Signature, nearest


class MemorySignatures:
    """As `shared.storage.signatures.Signatures` says."""

    def __init__(self) -> None:
        self.kept: dict[str, Signature] = {}
        self.pieces: dict[str, list[int]] = {}
        self._common = Commonness()

    async def put(self, signature: Signature, pieces: Sequence[int]) -> Signature:
        """As the port says."""
        before = self.kept.get(signature.message_id)
        if before is None or signature.edited:
            self.pieces[signature.message_id] = self._common.worth(pieces)
            self._common.note(pieces)
        if before is None:
            kept = signature
        elif not signature.edited:
            kept = replace(before, touched_at=signature.touched_at, expires_at=signature.expires_at)
        else:
            kept = replace(signature, original=before.original, outcome=before.outcome)
        self.kept[signature.message_id] = kept
        return kept

    async def near(self, pieces: Sequence[int], *, but: str, limit: int) -> list[Signature]:
        """As the port says."""
        asked = self._common.worth(pieces)
        others = {id: named for id, named in self.pieces.items() if id != but}
        return [self.kept[id] for id in nearest(asked, others, limit)]

    async def get(self, message_id: str) -> Signature | None:
        """As the port says."""
        return self.kept.get(message_id)

    async def decide(self, signature: Signature, original: str) -> str:
        """As the port says."""
        kept = self.kept[signature.message_id]
        if kept.original is None:
            self.kept[signature.message_id] = kept = replace(kept, original=original)
        return kept.original or original

    async def settle(self, message_id: str, outcome: Outcome) -> None:
        """As the port says."""
        if kept := self.kept.get(message_id):
            self.kept[message_id] = replace(kept, outcome=outcome)
