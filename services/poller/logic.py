"""What the poller decides: which window to read, what of a page to take, and when to come again. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.poller.names import casting_words
from shared.contracts.messages import MessageDeleted, MessageEdited, RawEvent, RawMessage
from shared.contracts.pipeline import DeadLetter
from shared.errors import BudgetSpent, Misconfigured, Permanent, RateLimited, Transient
from shared.storage.gateway import GatewayStatus
from shared.storage.sources import Source
from shared.whapi.letters import unreadable
from shared.whapi.wire import MalformedPiece

_ON_ITS_WAY = timedelta(minutes=1)  # a webhook may still bring what is younger
_TELLING = timedelta(hours=1)  # a group that has been silent for longer says nothing about webhooks
_BUDGET_SHARE = 0.8  # of the hourly requests; the rest is for health, groups, tools and long back-fills
_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=15)
_LONGEST_REFUSED_WAIT = timedelta(hours=1)  # a group that was left stays refused; one not synced yet comes soon
_MISCONFIGURED_WAIT = timedelta(minutes=5)
_FAILURES_TOGETHER = 3  # so many groups in a row: it is not the groups
_STARTING = frozenset({"INIT", "LAUNCH", "UNREACHABLE", "UNKNOWN"})  # pass by themselves, most times


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a group is read: while webhooks flow and while they don't, within the hourly budget."""

    interval: timedelta
    catch_up: timedelta
    requests_per_hour: int


@dataclass(frozen=True, slots=True)
class Window:
    """What one poll reads: messages sent from `start` to `end`; none sent before `oldest` is taken in."""

    start: datetime
    end: datetime
    oldest: datetime


def window(source: Source, *, now: datetime, overlap: timedelta, max_age: timedelta) -> Window:
    """From a little before the watermark (some messages reach the gateway late), but never from before the oldest."""
    oldest = now - max_age
    start = max(oldest, source.watermark - overlap) if source.watermark else oldest
    return Window(start, now, oldest)


def time_of(event: RawEvent) -> datetime | None:
    """When it happened; a deletion does not always say."""
    match event:
        case RawMessage():
            return event.sent_at
        case MessageEdited():
            return event.edited_at
        case MessageDeleted():
            return event.deleted_at


def continues(events: Iterable[RawEvent], newest: datetime | None) -> bool:
    """Whether these are in the order they were sent, and none was sent before `newest`."""
    for event in events:
        at = time_of(event)
        if at is None:
            continue
        if newest is not None and at < newest:
            return False
        newest = at
    return True


def in_order(events: Sequence[RawEvent]) -> list[RawEvent]:
    """The events, each once, as they were sent. Those of one second stay as they stood, read from the older end."""
    times = [at for event in events if (at := time_of(event))]
    if len(times) > 1 and times[0] > times[-1]:  # newest first
        events = events[::-1]
    once = list({event.event_id: event for event in events}.values())
    placed: list[tuple[datetime, RawEvent]] = []
    last = min(times, default=None)
    for event in once:
        last = time_of(event) or last  # without a time of its own it stays behind the one before it
        if last is None:
            return once
        placed.append((last, event))
    return [event for _, event in sorted(placed, key=lambda pair: pair[0])]


def newest(events: Iterable[RawEvent], before: datetime | None = None) -> datetime | None:
    """The latest time among the events and `before`."""
    times = [at for event in events if (at := time_of(event))]
    if before is not None:
        times.append(before)
    return max(times, default=None)


def sift(events: Iterable[RawEvent], source: Source, oldest: datetime) -> tuple[list[RawEvent], Counter[str]]:
    """The events to take in, with the group's name where they lack it; and how many were left out, by reason."""
    kept: list[RawEvent] = []
    skipped: Counter[str] = Counter()
    for event in events:
        at = time_of(event)
        if event.group is not None and event.group.id != source.id:
            skipped["other_group"] += 1
        elif at is not None and at < oldest:
            skipped["too_old"] += 1
        else:
            kept.append(_named(event, source.name))
    return kept, skipped


def _named(event: RawEvent, name: str) -> RawEvent:
    if event.group is None or event.group.name:
        return event
    return event.model_copy(update={"group": event.group.model_copy(update={"name": name})})


def ledger_id(event: RawEvent) -> str:
    """The id under which the ledger keeps it: the message's for a message, the event's for all else."""
    return event.message_id if isinstance(event, RawMessage) else event.event_id


@dataclass(slots=True)
class Found:
    """What one poll brought. `missed`: new messages that a webhook should have brought by then; `brought`: it did."""

    fetched: int = 0
    new: int = 0
    known: int = 0
    missed: int = 0
    brought: int = 0
    newest: datetime | None = None

    def count(self, events: Sequence[RawEvent], known: Collection[str], source: Source, end: datetime) -> None:
        """Counts these events; `known` holds the event ids of those that were stored before."""
        for event in events:
            at = time_of(event)
            is_known = event.event_id in known
            self.known += is_known
            self.new += not is_known
            if not isinstance(event, RawMessage) or at is None or source.watermark is None or at <= source.watermark:
                continue  # older ones may be of another poll
            self.brought += is_known
            self.missed += not is_known and at <= end - _ON_ITS_WAY
        # A clock that runs ahead must not carry the watermark with it: all that comes until then would be lost.
        latest = newest(events, self.newest)
        self.newest = min(latest, end) if latest else None


def webhooks_flow(found: Found, source: Source, now: datetime) -> bool:
    """Whether webhooks seem to bring this group's messages. With nothing to tell by, they do.

    What this poll saw counts first; then whether the last message that is known was one that a webhook brought.
    """
    if found.missed:
        return False
    times = [at for at in (found.newest, source.last_message_at) if at]
    last = max(times, default=None)
    if found.brought or last is None or not now - _TELLING <= last <= now - _ON_ITS_WAY:
        return True
    return source.last_webhook_at is not None and source.last_webhook_at >= last


def next_poll(flow: bool, pace: Pace, active: int) -> timedelta:
    """How long to wait, so that all active groups together stay within their share of the budget."""
    affordable = timedelta(hours=active / (_BUDGET_SHARE * pace.requests_per_hour))
    return max(pace.interval if flow else pace.catch_up, affordable)


@dataclass(frozen=True, slots=True)
class Wait:
    """When to try again after an error. `everywhere`: other groups would fail as well."""

    time: timedelta
    everywhere: bool


def after_error(error: Exception, *, failures: int, in_a_row: int) -> Wait:
    """By the error's kind. `failures`: of this group one after the other; `in_a_row`: of any, this one included."""
    doubled = _FIRST_WAIT * 2 ** min(failures - 1, 10)
    growing = min(doubled, _LONGEST_WAIT)
    match error:
        case Misconfigured():
            return Wait(_MISCONFIGURED_WAIT, everywhere=True)
        case Permanent():
            return Wait(min(doubled, _LONGEST_REFUSED_WAIT), everywhere=False)
        case Transient(retry_after=seconds) if seconds is not None:
            return Wait(timedelta(seconds=max(seconds, 1)), everywhere=True)
        case BudgetSpent() | RateLimited():
            return Wait(growing, everywhere=True)
        case Transient():
            return Wait(growing, everywhere=in_a_row >= _FAILURES_TOGETHER)
        case _:
            return Wait(_LONGEST_WAIT, everywhere=False)


def alarm(status: GatewayStatus, *, now: datetime, patience: timedelta) -> Literal["lost", "back"] | None:
    """What the operator should be told now. Short reconnects are normal: what may pass by itself gets some patience."""
    if status.working:
        return "back" if status.alarmed else None
    since = lost_since(status)
    if status.alarmed or since is None:
        return None
    return None if status.state in _STARTING and now - since < patience else "lost"


def lost_since(status: GatewayStatus) -> datetime | None:
    """Since when it has not worked, in whatever states; None while it works or before the first check."""
    since = None
    for change in reversed(status.changes):
        if change.working:
            break
        since = change.at
    return since


__all__ = [
    "Found",
    "Pace",
    "Wait",
    "Window",
    "after_error",
    "alarm",
    "casting_words",
    "continues",
    "in_order",
    "ledger_id",
    "lost_since",
    "newest",
    "next_poll",
    "sift",
    "time_of",
    "webhooks_flow",
    "window",
]


def letters(pieces: Iterable[MalformedPiece], group_id: str, now: datetime) -> list[DeadLetter]:
    """A dead letter for each piece of a page that could not be read; seen again it is the same letter."""
    return [
        unreadable(
            piece.payload.encode("utf-8", "backslashreplace"),
            piece.reason,
            f"{group_id} {piece.part}[{piece.index}]",
            stage="poller",
            subject="polls.whapi",
            now=now,
        )
        for piece in pieces
    ]
