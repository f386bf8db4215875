"""Where a message ended, from what streams, ledger and desk say of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson

from shared.contracts.ids import call_id
from shared.storage.calls import Status
from shared.storage.ledger import State
from shared.storage.standings import Owed, Standing

IN_FLIGHT: Final = "in_flight"
"""A reader has it, or will be handed it: nobody has acknowledged it yet."""

UNACCOUNTED: Final = "unaccounted"
UNDER_WAY: Final = "under_way"
"""Missing as well, and so young that it may only be late."""

MESSAGE: Final = "message"
EDIT: Final = "edit"
DELETION: Final = "deletion"
EVENT: Final = "event"
_KINDS: Final = {"message.posted": MESSAGE, "message.edited": EDIT, "message.deleted": DELETION}


class Lacking(StrEnum):
    """What is missing."""

    ENTRY = "no_entry"  # the filter has acknowledged it and recorded nothing
    READER = "no_reader"  # a candidate that neither extractor nor publisher has, or will be handed
    CALL = "no_call"  # the ledger says that it became a call, and the desk has none
    NOTE = "not_noted"  # a deletion that the publisher has acknowledged and not noted
    SENDING = "not_sent"  # a decision that consumers were not told
    STREAM = "not_in_stream"  # an event that counts as sent, and is not in the stream that consumers read


@dataclass(frozen=True, slots=True)
class Arrived:
    """Something that lies in the raw stream. `id` is the ledger's; of a deletion, the id of the message's call."""

    kind: str
    id: str
    group_id: str
    seq: int  # of its last delivery
    time: datetime

    def again(self, other: Arrived) -> Arrived:
        """The same, delivered once more."""
        return replace(self, seq=max(self.seq, other.seq), time=max(self.time, other.time))


@dataclass(frozen=True, slots=True)
class Flight:
    """What the stages have in hand. Up to these places of the raw stream, filter and publisher have handled all.

    `ids`: entries of which a candidate, an extracted call or a dead letter waits for its reader, and of these letters.
    """

    filtered: int
    deleted: int
    ids: frozenset[str]

    def has(self, one: Arrived) -> bool:
        """Whether somebody still works on it."""
        through = self.deleted if one.kind == DELETION else self.filtered
        return one.seq > through or not self.ids.isdisjoint((one.id, *letter_ids(one)))


def arrived(data: bytes, seq: int, time: datetime) -> Arrived:
    """What a payload of the raw stream is; one that is none of our events is known by its place."""
    body = _body(data)
    kind, message_id = _KINDS.get(str(body.get("type")), ""), body.get("message_id")
    id = {MESSAGE: message_id, EDIT: body.get("event_id")}.get(kind)
    if kind == DELETION and isinstance(message_id, str):
        id = call_id(message_id)
    group = body.get("group")
    group_id = str(group.get("id") or "") if isinstance(group, Mapping) else ""
    return Arrived(kind or MESSAGE, id if isinstance(id, str) and id else f"RAW:{seq}", group_id, seq, time)


def entry_in(data: bytes) -> str | None:
    """The ledger's id in a candidate, an extracted call or a dead letter."""
    body = _body(data)
    inner = body.get("message")
    found = body.get("edit_id") or (inner.get("message_id") if isinstance(inner, Mapping) else body.get("message_id"))
    return found if isinstance(found, str) else None


def event_id_in(data: bytes) -> str | None:
    """The event's own id."""
    found = _body(data).get("event_id")
    return found if isinstance(found, str) else None


def letter_ids(one: Arrived) -> tuple[str, ...]:
    """Under which ids a dead letter of it may stand: its own, or that of its place in the stream."""
    return (f"dead:publisher:RAW:{one.seq}",) if one.kind == DELETION else (one.id, f"dead:filter:RAW:{one.seq}")


def end_of(
    one: Arrived, standing: Standing | None, statuses: Mapping[str, Status], flight: Flight, *, dead: bool
) -> str | Lacking:
    """The one state that a message or an edit ended in, or what is missing. `dead`: a dead letter of it stands."""
    lacking = Lacking.ENTRY
    if standing is not None:
        if standing.state is State.CALL:
            status = statuses.get(call_of(standing))
            return f"call_{status}" if status else Lacking.CALL
        if standing.state is not State.CANDIDATE:
            return str(standing.state)
        lacking = Lacking.READER
    if flight.has(one):
        return IN_FLIGHT
    return str(State.DEAD) if dead else lacking


def end_of_deletion(one: Arrived, noted: bool, flight: Flight, *, dead: bool) -> str | Lacking:
    """The same of a deletion."""
    if noted:
        return "noted"
    if flight.has(one):
        return IN_FLIGHT
    return str(State.DEAD) if dead else Lacking.NOTE


def end_of_event(owed: Owed, in_stream: bool, kept_since: datetime) -> str | Lacking | None:
    """The same of an event for the consumers; None where the stream no longer reaches back so far."""
    if not owed.sent:
        return Lacking.SENDING
    if in_stream:
        return "sent"
    return Lacking.STREAM if owed.changed_at >= kept_since else None


def call_ids(standings: Iterable[Standing]) -> list[str]:
    """The calls that these entries became."""
    return sorted({call_of(one) for one in standings if one.state is State.CALL})


def call_of(standing: Standing) -> str:
    """The call that this entry became: the one that it names, else the one that its message brings."""
    return standing.call_id or call_id(standing.id)


def _body(data: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, Mapping) else {}
