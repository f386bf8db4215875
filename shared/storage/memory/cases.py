"""The labelled cases in memory."""

from __future__ import annotations

from datetime import datetime

from shared.storage.cases import Case


class MemoryCases:
    """As `shared.storage.cases.Cases` says; nothing is ever forgotten by time."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}
        self._cases: dict[str, Case] = {}
        self.until: dict[str, datetime] = {}

    async def keep(self, case: Case, *, until: datetime) -> bool:
        """As the port says."""
        if not self._newer(case.id, case.version, until):
            return False
        self._cases[case.id] = case
        return True

    async def void(self, id: str, version: int, *, until: datetime) -> bool:
        """As the port says."""
        if not self._newer(id, version, until):
            return False
        self._cases.pop(id, None)
        return True

    def put(self, case: Case) -> None:
        """Puts a case in place of the one of the same version."""
        self._cases[case.id] = case

    async def get(self, id: str) -> Case | None:
        """As the port says."""
        return self._cases.get(id)

    async def every(self) -> list[Case]:
        """As the port says."""
        return sorted(self._cases.values(), key=lambda case: (case.at, case.id))

    def _newer(self, id: str, version: int, until: datetime) -> bool:
        if self._versions.get(id, 0) >= version:
            return False
        self._versions[id] = version
        self.until[id] = until
        return True
