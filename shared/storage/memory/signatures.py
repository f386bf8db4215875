"""The signatures in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.storage.signatures import NAMED_AGAIN, Outcome, Signature

REMEMBERED = 32


class MemorySignatures:
    """As `shared.storage.signatures.Signatures` says."""

    def __init__(self) -> None:
        self.kept: dict[str, Signature] = {}
        self.pieces: dict[int, list[str]] = {}

    async def put(self, signature: Signature, pieces: Sequence[int]) -> Signature:
        """As the port says."""
        before = self.kept.get(signature.message_id)
        if before is None:
            kept = signature
        elif not signature.edited:
            kept = replace(before, touched_at=signature.touched_at, expires_at=signature.expires_at)
        else:
            kept = replace(signature, original=before.original, outcome=before.outcome)
        self.kept[signature.message_id] = kept
        had = [piece for piece in dict.fromkeys(pieces) if self.pieces.get(piece)]
        for piece in set(pieces) - set(had[NAMED_AGAIN:]):
            known = self.pieces.setdefault(piece, [])
            if signature.message_id not in known:
                known.append(signature.message_id)
                del known[:-REMEMBERED]
        return kept

    async def near(self, pieces: Sequence[int], *, but: str, limit: int) -> list[Signature]:
        """As the port says."""
        weights: dict[str, float] = {}
        for piece in pieces:
            known = self.pieces.get(piece, [])
            for id in known:
                weights[id] = weights.get(id, 0) + 1 / len(known)
        ids = sorted((id for id in weights if id != but), key=lambda one: (-weights[one], one))[:limit]
        return [self.kept[id] for id in ids if id in self.kept]

    async def get(self, message_id: str) -> Signature | None:
        """As the port says."""
        return self.kept.get(message_id)

    async def decide(self, message_id: str, original: str) -> str | None:
        """As the port says."""
        kept = self.kept.get(message_id)
        if kept is None:
            return None
        if kept.original is None:
            self.kept[message_id] = kept = replace(kept, original=original)
        return kept.original

    async def settle(self, message_id: str, outcome: Outcome) -> None:
        """As the port says."""
        if kept := self.kept.get(message_id):
            self.kept[message_id] = replace(kept, outcome=outcome)
