"""What a replay would change: each message as it stands beside what today's code makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.publisher.differences import changes
from shared.contracts.calls import CastingCall
from shared.storage.calls import Call, FieldChange, Status


class Does(StrEnum):
    """What becomes of a message in a replay. Only the first three are sent."""

    GOES_ON = "goes on"
    NEW_FIELDS = "gets new fields"
    NEW_CALL = "comes to the desk"
    WOULD_STOP = "would be stopped today; stays"
    NO_CALL = "would be no call today; stays"
    TOUCHED = "a reviewer has touched or decided it; stays"
    DEAD = "is a dead letter: twin dead replay"


SENT = frozenset({Does.GOES_ON, Does.NEW_FIELDS, Does.NEW_CALL})


@dataclass(frozen=True, slots=True)
class Sending:
    """A message as it is sent once more."""

    subject: str
    stream: str
    payload: bytes
    headers: Mapping[str, str]
    id: str


@dataclass(frozen=True, slots=True)
class Change:
    """One message for which today's answer is another one."""

    id: str
    group: str
    then: str
    now: str
    does: Does
    fields: Sequence[FieldChange] = ()
    sending: Sending | None = None


@dataclass(slots=True)
class Plan:
    """All of them. `read` messages of the window, `same` of them with the same answer as then."""

    read: int = 0
    same: int = 0
    unreadable: int = 0
    outdated: int = 0  # words that an edit has replaced since, and copies of other messages
    questions: int = 0  # to a paid model, at most
    changes: list[Change] = field(default_factory=list)

    @property
    def sendings(self) -> list[Sending]:
        """What a replay sends."""
        return [change.sending for change in self.changes if change.sending is not None]


@dataclass(frozen=True, slots=True)
class Window:
    """The messages that came into their stream in this time, of one group or of all."""

    since: datetime
    until: datetime | None = None
    source: str | None = None

    def holds(self, at: datetime, group: str) -> bool:
        """Whether this one is meant."""
        return (self.until is None or at <= self.until) and self.source in (None, group)


def of_call(call: Call, now: CastingCall | None) -> tuple[Does | None, Sequence[FieldChange]]:
    """What a new reading does to a call that is at the desk; None where it says the same as before."""
    untouched = call.status is Status.PENDING and not call.touched
    if now is None:
        return (Does.NO_CALL if untouched else None), ()
    found = changes(call.fields if untouched else call.original, now)
    if not found:
        return None, ()
    return (Does.NEW_FIELDS if untouched else Does.TOUCHED), found


def lines_of(plan: Plan, *, shown: int = 200) -> list[str]:
    """The plan for reading."""
    lines = []
    for change in plan.changes[:shown]:
        lines.append(f"{_line(change.id)}  {change.then} → {change.now}: {change.does}")
        lines += [f"    {one.path}: {_value(one.before)} → {_value(one.after)}" for one in change.fields]
    if len(plan.changes) > shown:
        lines.append(f"… and {len(plan.changes) - shown} more (--json has them all)")
    counts = [f"{plan.read} messages read", f"{plan.same} the same as then", f"{len(plan.changes)} differ"]
    counts.append(f"{len(plan.sendings)} would be sent")
    for number, what in ((plan.unreadable, "cannot be read"), (plan.outdated, "replaced since or copies")):
        if number:
            counts.append(f"{number} {what}")
    return [*lines, ", ".join(counts)]


def _value(value: object) -> str:
    return "-" if value is None else _line(str(value))[:120]


def _line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
