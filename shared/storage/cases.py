"""Labelled cases: what reviewers decided about messages, to measure the filter and the extractor on, and to learn from.

A case holds a message's own words, which are personal data: each has a day on which the database forgets it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

from shared.contracts.base import AwareDatetime, Contract
from shared.contracts.calls import CastingCall
from shared.contracts.messages import Group
from shared.contracts.pipeline import Engine, Verdict
from shared.storage.calls import Moment

Label = Literal["casting_call", "other"]


class Case(Contract):
    """One decision. `id` and `version` are the call's; `gold` is null where nobody has approved the fields."""

    id: str
    version: int
    message_id: str
    group: Group
    text: str
    sent_at: AwareDatetime
    label: Label
    gold: CastingCall | None = None
    reason: str | None = None  # of a rejection
    reviewer: str
    at: Moment
    verdict: Verdict  # what the filter had said
    engine: Engine  # what had read the message
    original: CastingCall  # the fields that the reviewer was shown
    check: bool = False  # a rejection of the filter that was put before the reviewer as a sample


class Cases(Protocol):
    """The cases' port. Of two decisions about one call the later version stands, whichever is written first."""

    async def keep(self, case: Case, *, until: datetime) -> bool:
        """Stores the case until that time. False where this version of the call, or a later one, was here before."""
        ...

    async def void(self, id: str, version: int, *, until: datetime) -> bool:
        """Takes the case of this call out: its decision was undone. False where a later version is here already."""
        ...

    async def get(self, id: str) -> Case | None:
        """The case of this call."""
        ...

    async def every(self) -> list[Case]:
        """All cases, the earliest decision first."""
        ...
