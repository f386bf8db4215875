"""Makes the plan of a replay from the raw messages, from the candidates or from the extracted calls of a window."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from services.extractor import logic as extractor
from services.extractor.ports import Engine
from services.filter.arrival import Arrival, has_passed, is_checked
from services.filter.arrival import read as read_raw
from services.filter.judging import Judging
from services.operator.replay_plan import SENT, Change, Does, Plan, Sending, Window, of_call
from shared.arabic.normalise import fold_text
from shared.broker.resend import OF, replay_headers
from shared.broker.stored import RawStreamMessage, stored
from shared.contracts.ids import call_id
from shared.contracts.messages import MessageEdited
from shared.contracts.pipeline import Candidate, ExtractedCall
from shared.contracts.subjects import CANDIDATES, EXTRACTED, RAW_EDITS, RAW_MESSAGES, Route
from shared.errors import Malformed, Permanent
from shared.storage.calls import Calls
from shared.storage.ledger import STOPPED, Entry, Ledger, State

if TYPE_CHECKING:
    from nats.js import JetStreamContext

E = TypeVar("E", bound=BaseModel)

_LOST = frozenset({State.CANDIDATE, State.NOT_A_CALL})
"""Where a message without a call at the desk may stand, and be read anew."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan is made on. `run` names the replay."""

    js: JetStreamContext
    ledger: Ledger
    calls: Calls
    window: Window
    run: str


async def from_raw(ground: Ground, judging: Judging) -> Plan:
    """The verdicts of then and now; a message is judged as old as it was when it came."""
    plan, seen = Plan(), set[str]()
    subjects = (RAW_MESSAGES.subject, RAW_EDITS.subject)
    async for message in _messages(ground, RAW_MESSAGES, subjects):
        try:
            event = read_raw(message.data)
        except (ValidationError, Malformed):
            plan.unreadable += 1
            continue
        if not ground.window.holds(message.time, event.group.id):
            continue
        original = await ground.ledger.get(event.message_id) if isinstance(event, MessageEdited) else None
        arrival = Arrival.of(event, original)
        if arrival.entry_id in seen:
            continue
        seen.add(arrival.entry_id)
        plan.read += 1
        verdict = judging.judge(arrival.message, message.time, fold_text(arrival.message.text))
        entry = await ground.ledger.get(arrival.entry_id)
        does = _verdict_does(entry, passes=verdict.passed)
        if does is None:
            plan.same += 1
            continue
        then = f"{entry.state} ({entry.rule})" if entry else "not recorded"
        sending = None
        if does in SENT:
            of = entry.claim if entry else message.headers.get(OF, f"{message.stream}:{message.seq}")
            headers = replay_headers({}, run=ground.run, of=of, arrived_at=message.time)
            id = f"{ground.run}:{arrival.entry_id}"
            sending = Sending(message.subject, message.stream, message.data, headers, id)
        now = f"{'passes' if verdict.passed else 'stopped'} ({verdict.rule})"
        plan.changes.append(Change(arrival.entry_id, event.group.id, then, now, does, (), sending))
    return plan


def _verdict_does(entry: Entry | None, *, passes: bool) -> Does | None:
    if entry is None:
        return Does.GOES_ON
    if entry.state is State.DEAD:
        return Does.DEAD
    if entry.state in STOPPED or is_checked(entry):
        return Does.GOES_ON if passes and entry.state in STOPPED else None
    return None if passes or not (has_passed(entry) or entry.state is State.CALL) else Does.WOULD_STOP


async def from_candidates(ground: Ground, engine: Engine) -> Plan:
    """The fields of then and now, read by this engine. Of a message's candidates the last one speaks."""
    plan = Plan()
    for message, candidate in await _newest(
        ground, CANDIDATES, Candidate, lambda event: event.message.message_id, plan
    ):
        if not ground.window.holds(message.time, candidate.message.group.id):
            continue
        plan.read += 1
        call = await ground.calls.get(call_id(candidate.message.message_id))
        entry = await ground.ledger.get(extractor.entry_of(candidate))
        if _is_outdated(entry, call is not None) or (call and call.message.text != candidate.message.text):
            plan.outdated += 1
            continue
        plan.questions += 1
        try:
            now = extractor.to_check(candidate, await engine.extract(candidate))
        except Permanent:  # the extractor would keep it as a dead letter
            plan.unreadable += 1
            continue
        event_id = _base(candidate.event_id, candidate.replay)
        again = candidate.model_copy(update={"event_id": f"{event_id}:{ground.run}", "replay": ground.run})
        if call is not None:
            does, fields = of_call(call, now)
            then = str(call.status)
        else:
            does, fields = _lost_does(entry, found=now is not None), ()
            then = str(entry.state) if entry else "not recorded"
        if does is None:
            plan.same += 1
            continue
        sending = _sending(CANDIDATES, again) if does in SENT else None
        what = "call" if now is not None else "no call"
        plan.changes.append(
            Change(candidate.message.message_id, candidate.message.group.id, then, what, does, fields, sending)
        )
    return plan


async def from_extracted(ground: Ground) -> Plan:
    """What the desk lacks of the calls that were read, or shows otherwise. Of a call's readings the last one speaks."""
    plan = Plan()
    for message, event in await _newest(ground, EXTRACTED, ExtractedCall, lambda event: event.call_id, plan):
        if not ground.window.holds(message.time, event.message.group.id):
            continue
        plan.read += 1
        call = await ground.calls.get(event.call_id)
        entry = await ground.ledger.get(event.edit_id or event.message.message_id)
        if _is_outdated(entry, call is not None) or (call and call.message.text != event.message.text):
            plan.outdated += 1
            continue
        event_id = _base(event.event_id, event.replay)
        again = event.model_copy(update={"event_id": f"{event_id}:{ground.run}", "replay": ground.run})
        if call is not None:
            does, fields = of_call(call, event.call)
            then = str(call.status)
        else:
            does, fields, then = Does.NEW_CALL, (), str(entry.state) if entry else "not recorded"
        if does is None:
            plan.same += 1
            continue
        sending = _sending(EXTRACTED, again) if does in SENT else None
        plan.changes.append(
            Change(event.message.message_id, event.message.group.id, then, "call", does, fields, sending)
        )
    return plan


def _is_outdated(entry: Entry | None, at_the_desk: bool) -> bool:
    """Copies stay with the call that they are copies of."""
    return entry is not None and entry.state is State.DUPLICATE and not at_the_desk


def _lost_does(entry: Entry | None, *, found: bool) -> Does | None:
    if entry is not None and entry.state is State.DEAD:
        return Does.DEAD
    if not found:
        return None
    return Does.GOES_ON if entry is None or entry.state in _LOST or entry.state is State.CALL else None


def _base(event_id: str, replay: str | None) -> str:
    """The event's id without the replay that it came by."""
    return event_id.removesuffix(f":{replay}") if replay else event_id


def _sending(route: Route, event: Candidate | ExtractedCall) -> Sending:
    return Sending(route.subject, route.stream, event.model_dump_json().encode(), {}, event.event_id)


async def _newest(
    ground: Ground, route: Route, kind: type[E], key: Callable[[E], str], plan: Plan
) -> list[tuple[RawStreamMessage, E]]:
    """The last event of each key from the window's beginning to the stream's end."""
    found: dict[str, tuple[RawStreamMessage, E]] = {}
    async for message in _messages(ground, route, (route.subject,), to_the_end=True):
        try:
            event = kind.model_validate_json(message.data)
        except ValidationError:
            plan.unreadable += 1
            continue
        found.pop(key(event), None)
        found[key(event)] = (message, event)
    return list(found.values())


async def _messages(
    ground: Ground, route: Route, subjects: tuple[str, ...], *, to_the_end: bool = False
) -> AsyncIterator[RawStreamMessage]:
    until = None if to_the_end else ground.window.until
    reading = stored(ground.js, route.stream, since=ground.window.since, until=until, subjects=subjects)
    async with aclosing(reading) as messages:
        async for message in messages:
            yield message
