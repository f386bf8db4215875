"""Who changed what of the machine itself: groups, accounts, tokens. A call has a history of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did. `about` is the kind of the subject ("group", "user", "token"), `action` a name."""

    at: datetime
    actor: str
    about: str
    subject: str
    action: str
    detail: Mapping[str, Any] = field(default_factory=dict)


class Audit(Protocol):
    """The port of the audit. Deeds are only ever added."""

    async def note(self, deed: Deed) -> None:
        """Keeps a deed. Called before it is done: what cannot be noted is not done."""
        ...

    async def recent(self, about: str, *, limit: int = 50) -> list[Deed]:
        """The latest deeds about this kind of thing, latest first."""
        ...
