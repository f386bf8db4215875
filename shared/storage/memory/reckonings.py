"""The accounts in memory."""

from __future__ import annotations

from datetime import datetime

from shared.storage.reckonings import KEPT, Reckoning, Sweep


class MemoryReckonings:
    """As `shared.storage.reckonings.Reckonings` says."""

    def __init__(self) -> None:
        self._accounts: list[Reckoning] = []
        self._sweeps: list[Sweep] = []

    async def add(self, reckoning: Reckoning) -> None:
        """As the port says."""
        self._accounts = sorted([*self._accounts, reckoning], key=lambda one: one.at)[-KEPT:]

    async def latest(self) -> Reckoning | None:
        """As the port says."""
        return self._accounts[-1] if self._accounts else None

    async def add_sweep(self, sweep: Sweep) -> None:
        """As the port says."""
        self._sweeps = sorted([*self._sweeps, sweep], key=lambda one: one.at)[-KEPT:]

    async def sweeps(self, since: datetime) -> list[Sweep]:
        """As the port says."""
        return [sweep for sweep in reversed(self._sweeps) if sweep.at >= since]
