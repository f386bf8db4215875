"""What arrived, as the filter sees it: a message, or an edit that gives an earlier message new words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from services.filter.logic import BY_SCORE
from shared.contracts.ids import posted_id
from shared.contracts.messages import RAW_EVENT, MessageEdited, RawMessage
from shared.contracts.pipeline import Verdict
from shared.errors import Malformed
from shared.storage.ledger import Entry, State

STAGE = "filter"
NO_TEXT = "no_text"
TOO_OLD = "too_old"
CHECK = {"check": True}
"""What the ledger keeps under the filter's name of a rejection that a reviewer is asked to check."""

_STATES = {NO_TEXT: State.NO_TEXT, TOO_OLD: State.TOO_OLD}


def read(payload: bytes) -> RawMessage | MessageEdited:
    """The event in a payload. pydantic's ValidationError, or Malformed for an event that is not the filter's."""
    event = RAW_EVENT.validate_json(payload)
    if isinstance(event, RawMessage | MessageEdited):
        return event
    raise Malformed(f"{event.type} is not read by the filter", reason="wrong_event")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message to judge and the id of its own ledger entry; for an edit its id and, where it is sure, its time."""

    message: RawMessage
    entry_id: str
    edit_id: str | None = None
    edited_at: datetime | None = None

    @classmethod
    def of(cls, event: RawMessage | MessageEdited, original: Entry | None) -> Arrival:
        """An edit becomes its message with the new words; relative dates still count from when it was first posted."""
        if isinstance(event, RawMessage):
            return cls(event, event.message_id)
        message = RawMessage(
            event_id=posted_id(event.message_id),
            message_id=event.message_id,
            channel_id=event.channel_id,
            group=event.group,
            sender=event.sender,
            sent_at=original.sent_at if original else event.edited_at,
            kind=original.kind if original else "text",
            text=event.text,
            via=event.via,
        )
        # One of the gateway's views may show the time of the first post in its place: that tells no order.
        at = event.edited_at if original and event.edited_at > original.sent_at else None
        return cls(message, event.event_id, edit_id=event.event_id, edited_at=at)


def entry_of(arrival: Arrival, verdict: Verdict, *, claim: str, now: datetime) -> Entry:
    """The ledger entry that records the verdict and claims the message for this delivery."""
    message = arrival.message
    state = State.CANDIDATE if verdict.passed else _STATES.get(verdict.rule, State.REJECTED)
    return Entry(
        id=arrival.entry_id,
        claim=claim,
        state=state,
        group_id=message.group.id,
        group_name=message.group.name,
        sent_at=message.sent_at,
        seen_at=now,
        via=str(message.via),
        rule=verdict.rule,
        score=verdict.score,
        reasons=verdict.reasons,
        text=message.text,
        kind=message.kind,
        sender=message.sender.id if message.sender else None,
        sender_name=message.sender.name if message.sender else None,
        channel_id=message.channel_id,
        edit_of=message.message_id if arrival.edit_id else None,
    )


def is_copyable(arrival: Arrival, entry: Entry) -> bool:
    """Whether another message may have brought this text first. An edit changes its own message and is never a copy."""
    return entry.state is State.CANDIDATE and arrival.edit_id is None


def is_checked(entry: Entry) -> bool:
    """Whether this is a rejection on its way to a reviewer, who says whether it was right."""
    return entry.stages.get(STAGE) == CHECK


def check(arrival: Arrival, entry: Entry, *, share: float) -> None:
    """Takes this share of the rejections by score as a sample: they go on like candidates, as rejections to check.

    The message's id decides, so that a redelivery decides the same. An edit is no new message and is not sampled.
    """
    if entry.state is State.REJECTED and entry.rule in BY_SCORE and not arrival.edit_id and _drawn(entry.id) < share:
        entry.state = State.CANDIDATE
        entry.stages[STAGE] = dict(CHECK)


def uncheck(entry: Entry) -> None:
    """Makes it a plain rejection again: a reviewer has the same words before them already."""
    entry.state = State.REJECTED
    entry.stages.pop(STAGE, None)


def text_key(entry: Entry, fingerprint: str) -> str:
    """The name under which a text is claimed. A rejection must not claim it from a message that passes later."""
    return f"check:{fingerprint}" if is_checked(entry) else fingerprint


def _drawn(id: str) -> float:
    """A number from 0 to 1 that only the id decides."""
    digest = hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def has_passed(entry: Entry) -> bool:
    """Whether the verdict that an entry records let the message through (a copy has passed, too)."""
    return entry.state in (State.CANDIDATE, State.DUPLICATE) and not is_checked(entry)


def verdict_of(entry: Entry) -> Verdict:
    """The verdict that an entry records."""
    return Verdict(passed=has_passed(entry), rule=entry.rule, score=entry.score, reasons=entry.reasons)
