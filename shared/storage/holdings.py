"""What the database holds of people: for each collection what it is, how long it stays and how a person is taken out.

The table is complete (a test compares it with the code), and what it says is also how `twin forget` works. A collection
that it does not name is searched all the same and masked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol


class Way(StrEnum):
    """How a person is taken out of a document that holds them."""

    STEP = "step"  # by the steps of its own subject: calls are withdrawn, ledger entries keep their state
    MASK = "mask"  # the number is masked where it stands, a contact is dropped
    DROP = "drop"  # the document goes


class Ids(StrEnum):
    """The messages whose documents go even where they do not hold the person themselves."""

    NONE = "none"
    OWN = "own"  # those that the person wrote
    NAMED = "named"  # those too in which others name them


@dataclass(frozen=True, slots=True)
class Holding:
    """One collection. `persons` is empty where it holds nobody but our own staff; it is searched all the same."""

    persons: str
    expires: str
    way: Way = Way.MASK
    dropped: Ids = Ids.NONE


_DAYS: Final = "`RETENTION_DAYS`"
_STAYS: Final = "stays"

HOLDINGS: Final[Mapping[str, Holding]] = {
    "messages": Holding("words, sender and name of each message", f"these after {_DAYS}; the state stays", Way.STEP),
    "calls": Holding("words, sender, contacts, corrections", f"these {_DAYS} after its last change", Way.STEP),
    "texts": Holding("digest of a message's words", f"with the words ({_DAYS})", Way.DROP, Ids.NAMED),
    "signatures": Holding("words of each candidate", "`EXTRACTOR_LIKENESS_DAYS`", Way.DROP, Ids.NAMED),
    "answers": Holding("what the model said", "`EXTRACTOR_ANSWER_DAYS`", Way.DROP, Ids.OWN),
    "cases": Holding(
        "words of each reviewed message", f"contacts {_DAYS}, the rest `PUBLISHER_CASE_DAYS`", Way.MASK, Ids.OWN
    ),
    "dead_letters": Holding("the whole message that failed", _DAYS, Way.MASK, Ids.OWN),
    "hook_deliveries": Holding("published calls", f"14 days after the end, {_DAYS} at most", Way.DROP),
    "copies": Holding("", _STAYS),
    "batches": Holding("", _STAYS),
    "totals": Holding("", _STAYS),
    "signature_decisions": Holding("", "`EXTRACTOR_LIKENESS_DAYS`"),
    "call_deletions": Holding("", "45 days"),
    "notices": Holding("", "90 days"),
    "alerts": Holding("", "30 days after they are over"),
    "alert_silences": Holding("", "a day after they are over"),
    "alert_channels": Holding("", _STAYS),
    "audit": Holding("", _STAYS),
    "accounts": Holding("", _STAYS),
    "login_attempts": Holding("", "two windows of time"),
    "tokens": Holding("", _STAYS),
    "claims": Holding("", "a minute after they end"),
    "sources": Holding("", _STAYS),
    "gateway": Holding("", _STAYS),
    "heartbeats": Holding("", "a week"),
    "leases": Holding("", _STAYS),
    "budgets": Holding("", "90 days"),
    "costs": Holding("", _STAYS),
    "hooks": Holding("", _STAYS),
    "tunings": Holding("", _STAYS),
    "retention": Holding("", _STAYS),
    "erasures": Holding("", "30 days"),
    "ended_sessions": Holding("", "until the session would have ended"),
    "reckonings": Holding("", "the last 200"),
    "sweeps": Holding("", "the last 200"),
    "schema": Holding("", _STAYS),
}
"""Collection → what it holds of people."""


Document = dict[str, Any]


class Holdings(Protocol):
    """The port of everything that the database holds, whatever its shape. Documents carry their key as `_id`."""

    async def collections(self) -> list[str]:
        """The names of all collections that are there, whether the table names them or not."""
        ...

    def every(self, collection: str) -> AsyncIterator[Document]:
        """Every document of the collection, in no order; what is written meanwhile may be missed."""
        ...

    async def replace(self, collection: str, before: Document, after: Document) -> bool:
        """Puts `after` in place of `before` (the same key). False where a value that differs has changed meanwhile."""
        ...

    async def drop(self, collection: str, document: Document) -> bool:
        """Takes the document of this key out; False where it is gone already."""
        ...
