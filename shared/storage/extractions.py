"""What a model was paid to read, kept so that a candidate which is delivered again is not paid for again."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from shared.contracts.pipeline import Extraction


class Extractions(Protocol):
    """The port of the kept readings. `reader` names engine, model and version: another's reading does not count."""

    async def get(self, event_id: str, *, reader: str) -> Extraction | None:
        """This reader's reading of the candidate with this event id, if it is still kept."""
        ...

    async def put(self, event_id: str, extraction: Extraction, *, reader: str, now: datetime) -> None:
        """Keeps a reading for some days, in place of an earlier one."""
        ...
