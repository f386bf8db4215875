"""Everything that the database holds, in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

from shared.storage.holdings import Document


class MemoryHoldings:
    """As `shared.storage.holdings.Holdings` says; `put` fills it."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[Any, Document]] = {}

    def put(self, collection: str, document: Document) -> None:
        """Keeps a document under its key."""
        self.documents.setdefault(collection, {})[document["_id"]] = deepcopy(document)

    async def collections(self) -> list[str]:
        """As the port says."""
        return sorted(self.documents)

    async def every(self, collection: str) -> AsyncIterator[Document]:
        """As the port says."""
        for document in list(self.documents.get(collection, {}).values()):
            yield deepcopy(document)

    async def replace(self, collection: str, before: Document, after: Document) -> bool:
        """As the port says."""
        stored = self.documents.get(collection, {}).get(before["_id"])
        if stored is None:
            return False
        every = before.keys() | after.keys()
        differs = {name for name in every if name not in after or name not in before or before[name] != after[name]}
        if any(stored.get(name) != before.get(name) for name in differs):
            return False
        for name in differs:
            stored.pop(name, None)
            if name in after:
                stored[name] = deepcopy(after[name])
        return True

    async def drop(self, collection: str, document: Document) -> bool:
        """As the port says."""
        return self.documents.get(collection, {}).pop(document["_id"], None) is not None
