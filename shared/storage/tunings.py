"""Tunings of the filter: what an operator changed of it while it runs, every version of it kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tuning:
    """One version: the whole difference from what is shipped, not from the version before. The highest one is in force.

    `thresholds` holds numbers by name, `added` and `removed` entries by word list, `model` a whole model that
    replaces the shipped one.
    """

    version: int  # from 1
    at: datetime
    by: str
    note: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    removed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    model: str | None = None


class Tunings(Protocol):
    """The port of the tunings."""

    async def add(self, tuning: Tuning) -> bool:
        """Keeps a new version; False (and no change) when its number is taken."""
        ...

    async def get(self, version: int) -> Tuning | None:
        """The tuning of this version."""
        ...

    async def versions(self, *, above: int = 0) -> list[int]:
        """The numbers of the versions above this one, the highest first."""
        ...
