"""The gateway's port: all that a handler knows of WhatsApp."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from shared.contracts.messages import RawEvent
from shared.whapi.wire import GroupInfo, Health, Limits, MalformedPiece

Budget = Callable[[], Awaitable[None]]
"""Takes one request from the shared budget; raises BudgetSpent (with the wait) when none is left."""

MOST_PER_PAGE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a chat's messages. `size` is how many the gateway put on it, `ignored` and `malformed` included."""

    events: list[RawEvent]
    size: int
    asked: int
    ignored: Counter[str] = field(default_factory=Counter)
    malformed: list[MalformedPiece] = field(default_factory=list)

    @property
    def last(self) -> bool:
        """True when no further page can follow. (The gateway's own `total` is ambiguous and is not used.)"""
        return self.size < self.asked


class Gateway(Protocol):
    """What we ask of the WhatsApp gateway. Every method may raise Transient, Permanent or Misconfigured."""

    def groups(self) -> AsyncIterator[GroupInfo]:
        """All groups that the phone is in, each once."""
        ...

    async def messages(
        self,
        chat_id: str,
        *,
        time_from: datetime | None = None,
        time_to: datetime | None = None,
        count: int = MOST_PER_PAGE,
        offset: int = 0,
        sort: Literal["asc", "desc"] = "asc",
    ) -> Page:
        """A page of the messages of a chat sent from `time_from` to `time_to`, both included, in whole seconds."""
        ...

    async def message(self, message_id: str) -> RawEvent | None:
        """One message; None where the gateway does not have it or it is no message of a group."""
        ...

    async def media(self, media_id: str, *, max_bytes: int) -> bytes:
        """The bytes of an attachment, by its id; Permanent (too_large) above `max_bytes`."""
        ...

    async def health(self) -> Health:
        """The channel's state, without waking it up."""
        ...

    async def settings(self) -> dict[str, Any]:
        """The channel's settings as the gateway has them."""
        ...

    async def register_webhook(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        """Puts our webhook among the channel's, once, and leaves the others as they are."""
        ...

    async def send_text(self, to: str, body: str) -> str | None:
        """Sends a text and returns its message id, where the gateway tells it. Never repeated when in doubt."""
        ...

    async def limits(self) -> Limits | None:
        """What is left of a limited plan; None on a plan without limits."""
        ...
