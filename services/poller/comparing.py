"""What a comparison with the gateway decides: whom to ask about, over which time, what the answer means. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.poller.logic import Window, time_of
from shared.contracts.ids import call_id
from shared.contracts.messages import MessageDeleted, MessageEdited, RawEvent
from shared.storage.reckonings import Missing
from shared.storage.sources import Answer, Source

SHARE: Final = 0.1
"""Of the hourly requests to the gateway. Polls take 0.8 of them at most."""

_KINDS: Final = {"message.posted": "message", "message.edited": "edit", "message.deleted": "deletion"}


@dataclass(frozen=True, slots=True)
class Span:
    """How often each group is compared, how far back, from which age on a message must be known, and until which."""

    every: timedelta
    back: timedelta
    grace: timedelta
    max_age: timedelta


def due(sources: Iterable[Source], now: datetime, every: timedelta) -> list[Source]:
    """Whom to ask about now: first those that somebody waits for, then whoever was compared the longest ago."""
    waiting = [source for source in sources if source.asked or (_is_read(source, now) and _is_old(source, now, every))]
    return sorted(waiting, key=lambda source: (not source.asked, source.compared_at or source.added_at, source.id))


def _is_read(source: Source, now: datetime) -> bool:
    """Whether the poll is through with it for now: what it still brings is not missing."""
    return (
        source.last_poll_at is not None
        and source.last_error is None
        and source.due_at is not None
        and now < source.due_at
    )


def _is_old(source: Source, now: datetime, every: timedelta) -> bool:
    return source.compared_at is None or now >= source.compared_at + every


def window(source: Source, now: datetime, span: Span) -> Window:
    """Back to the last message that is known where that is longer ago; what is younger than the grace may be late."""
    oldest = now - span.max_age
    start = now - span.back
    if source.asked and source.last_message_at is not None:
        start = min(start, source.last_message_at)
    return Window(max(oldest, start), now - span.grace, oldest)


def ledger_id(event: RawEvent) -> str:
    """Under which id it stands here: the ledger's; of a deletion, the id of the message's call."""
    match event:
        case MessageDeleted():
            return call_id(event.message_id)
        case MessageEdited():
            return event.event_id
        case _:
            return event.message_id


def unknown(events: Iterable[RawEvent], known: Collection[str], end: datetime) -> list[RawEvent]:
    """The events that stand nowhere, without what is too young to tell."""
    found = []
    for event in events:
        at = time_of(event)
        if ledger_id(event) not in known and (at is None or at <= end):
            found.append(event)
    return found


def listed(event: RawEvent, source: Source, now: datetime) -> Missing:
    """How it is told of."""
    return Missing(_KINDS[event.type], event.message_id, source.id, time_of(event) or now, "only_at_the_gateway")


def answer_of(found: int) -> Answer:
    """What a comparison that came to its end says."""
    return Answer.FOUND if found else Answer.QUIET
