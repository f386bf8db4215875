"""The groups that we listen to, how far each has been read, and who reads it now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

GROUP_ID: Final = re.compile(r"[\d-]{10,31}@g\.us")
"""How the id of a WhatsApp group is written."""


class SourceStatus(StrEnum):
    """Whether a group's messages are taken in."""

    ACTIVE = "active"
    PROPOSED = "proposed"  # found by its name, waits for a person
    INACTIVE = "inactive"


class Answer(StrEnum):
    """What the gateway said of a group when it was compared with what is known here."""

    FOUND = "found"  # messages that neither webhook nor poll had brought
    QUIET = "quiet"  # nothing that was not known
    REFUSED = "refused"  # it does not know the group, or we may not read it: the phone is no longer a member


@dataclass(slots=True)
class Source:
    """A WhatsApp group. `watermark`: everything sent up to then is known to be stored."""

    id: str  # …@g.us
    name: str
    status: SourceStatus
    added_at: datetime
    added_by: str = "operator"
    participants: int | None = None
    watermark: datetime | None = None
    due_at: datetime | None = None  # the next poll; None is at once
    lease_owner: str | None = None
    lease_until: datetime | None = None
    last_poll_at: datetime | None = None
    last_poll_new: int | None = None  # messages that only the poll brought
    last_error: str | None = None
    last_webhook_at: datetime | None = None  # when the newest message that a webhook brought was sent
    last_message_at: datetime | None = None  # when the newest message that we know of was sent
    ask_at: datetime | None = None  # when somebody last wanted the gateway to be asked at once
    compared_at: datetime | None = None  # when it was last asked for all of its window
    compared_found: int | None = None  # messages that only this brought
    answer: Answer | None = None

    @property
    def asked(self) -> bool:
        """Whether somebody waits for the gateway's answer."""
        return self.ask_at is not None and (self.compared_at is None or self.compared_at < self.ask_at)


class Sources(Protocol):
    """The port of the sources."""

    async def add(self, source: Source) -> bool:
        """Adds a group; False (and no change) when it is known already."""
        ...

    async def get(self, id: str) -> Source | None:
        """The group of this id."""
        ...

    async def all(self, status: SourceStatus | None = None) -> list[Source]:
        """All groups (of this status), by name."""
        ...

    async def set_status(self, id: str, status: SourceStatus) -> bool:
        """Activates or deactivates; False when the group is unknown. A group that becomes active is due at once."""
        ...

    async def rename(self, id: str, name: str, participants: int | None) -> bool:
        """Keeps name and size true; False when the group is unknown."""
        ...

    async def due(self, now: datetime, *, limit: int = 50) -> list[Source]:
        """Active groups whose poll is due and that nobody reads now, longest due first."""
        ...

    async def lease(self, id: str, owner: str, *, now: datetime, ttl: timedelta) -> Source | None:
        """The source, leased to `owner` in one atomic step: renewed where it is its own, taken where free and due.

        None when another holds it, when it is not active, and when somebody has polled it since it was seen as due.
        """
        ...

    async def advance(self, id: str, owner: str, watermark: datetime) -> bool:
        """Moves the watermark forward, never back; False when `owner` lost the lease."""
        ...

    async def polled(
        self, id: str, owner: str, *, at: datetime, due_at: datetime, new: int | None, error: str | None = None
    ) -> bool:
        """Ends a poll: notes the outcome, sets when the next is due, gives the lease back. False when it was lost."""
        ...

    async def ask(self, id: str, at: datetime) -> bool:
        """Wants the gateway asked about this group at once; False when it is unknown. Never goes back."""
        ...

    async def compared(self, id: str, answer: Answer, *, at: datetime, found: int) -> bool:
        """Notes what the gateway was asked and said; False when the group is unknown."""
        ...

    async def heard(self, seen: Sequence[tuple[str, datetime]], *, via_webhook: bool) -> None:
        """Notes each group's newest message time (never back), and for webhooks the newest that one brought.

        `seen` holds group ids with the times at which their messages were sent; unknown groups are passed over.
        """
        ...
