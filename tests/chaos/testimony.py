"""What was done to the stack and what it shows afterwards, as the oracle reads it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that the gateway took. `key` is the same for the same words; `steady`: never edited, never deleted."""

    id: str
    key: str
    heard: bool = True
    deleted: bool = False
    steady: bool = True


@dataclass(frozen=True, slots=True)
class Stood:
    """An entry of the ledger."""

    id: str
    state: str
    duplicate_of: str | None = None
    call_id: str | None = None
    edit_of: str | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """A call at the desk. `history`: (actor, action) of each step; `copy_of`: the call that it was found to repeat."""

    id: str
    message_id: str
    status: str
    version: int
    revision: int
    sent_revision: int
    history: tuple[tuple[str, str], ...]
    public: bool = False  # approved, and its last day is not over
    copy_of: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An event on `approved`, in the stream's order; `digest` of its content."""

    call_id: str
    revision: int
    type: str
    digest: str


@dataclass
class Evidence:
    """What was done to the stack and what is there now."""

    posts: list[Posted] = field(default_factory=list)
    edits: list[tuple[str, str]] = field(default_factory=list)  # message id, new text
    deletions: list[str] = field(default_factory=list)
    poison: dict[str, str] = field(default_factory=dict)
    decided: list[tuple[str, str, int, int]] = field(default_factory=list)  # call, action, version, revision
    ledger: dict[str, Stood] = field(default_factory=dict)
    calls: dict[str, Queued] = field(default_factory=dict)
    noted_deletions: set[str] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)
    feed: dict[str, int] = field(default_factory=dict)
    dead: list[tuple[str | None, str, str]] = field(default_factory=list)  # message, stage, reason
    in_flight: int = 0
    reviewer: str = ""
