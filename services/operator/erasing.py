"""Takes a person out of database and streams, in passes that repeat until one finds nothing.

The order survives a crash between any two lines, and a second run does what is left: calls first, so that consumers are
told, then the ledger, then everything that was made from it, then the streams. What is on its way through the services
meanwhile is waited for, and found by the next pass where it comes out.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from services.operator.remains import (
    CALLS,
    LEDGER,
    emptied,
    goes,
    holding_of,
    is_held,
    is_own,
    is_theirs,
    is_to_do,
    json_of,
    kept,
    message_in,
    tombstone,
)
from services.operator.traces import Traces
from services.publisher.erasure import REASON, erased
from services.publisher.newest import change
from services.publisher.sightings import sightings
from shared.arabic.mentions import Person
from shared.broker import erasing
from shared.broker.stored import RawStreamMessage, stored
from shared.contracts.messages import RawMessage
from shared.contracts.subjects import APPROVED, ROUTES
from shared.errors import Unavailable
from shared.storage.calls import Call, Calls
from shared.storage.erasures import Erasures
from shared.storage.holdings import Holdings, Way
from shared.storage.ledger import Ledger, State
from shared.storage.retention import MENTION, WORDS

if TYPE_CHECKING:
    from nats.js import JetStreamContext

STREAMS: Final = tuple(dict.fromkeys(route.stream for route in ROUTES))  # in the order in which a message goes
_ACTOR: Final = "operator"
_KEPT_OUT: Final = timedelta(days=30)
_PASSES: Final = 20
_LOOK_S: Final = 0.3


@dataclass(slots=True)
class Erased:
    """What was taken out (or, of a dry run, would be): documents by collection, messages by stream, calls by outcome.

    `waiting` are messages that a service has yet to handle: what others wrote is left until then.
    """

    documents: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)

    @property
    def number(self) -> int:
        """How many things that were."""
        return sum(self.documents.values()) + sum(self.messages.values())

    def add(self, other: Erased) -> None:
        """Takes in what a further pass did; what waits is only ever what waits now."""
        self.documents.update(other.documents)
        self.messages.update(other.messages)
        self.calls.update(other.calls)
        self.waiting = other.waiting


class Eraser:
    """One erasure. `dry` only looks."""

    def __init__(
        self,
        holdings: Holdings,
        calls: Calls,
        ledger: Ledger,
        erasures: Erasures,
        js: JetStreamContext,
        clock: Callable[[], datetime],
        *,
        dry: bool = False,
    ) -> None:
        self._holdings = holdings
        self._calls = calls
        self._ledger = ledger
        self._erasures = erasures
        self._js = js
        self._clock = clock
        self._dry = dry
        self._erase = erasing.erase

    async def erase(self, person: Person, *, wait_s: float) -> Erased:
        """Erases until a pass finds nothing, for as long as messages are on their way, `wait_s` at most."""
        total = Erased()
        end = asyncio.get_running_loop().time() + wait_s
        for _ in range(_PASSES):
            began = {stream: await erasing.handled(self._js, stream) for stream in STREAMS}
            late = asyncio.get_running_loop().time() >= end
            found = await self.once(person, force=late)
            total.add(found)
            if self._dry or (not found.number and (not found.waiting or late)):
                break
            await self._moved(began, end)
        return total

    async def once(self, person: Person, *, force: bool = False) -> Erased:
        """One pass. `force`: messages of the person that nobody has handled yet are erased all the same."""
        found = Erased()
        traces = await traces_of(self._holdings, person)
        if not self._dry:  # first: what is delivered again meanwhile is not taken in
            await self._erasures.add(traces.events(), until=self._clock() + _KEPT_OUT)
        await self._calls_of(traces, found)
        await self._ledger_of(traces, found)
        for name in await self._holdings.collections():
            if holding_of(name).way is not Way.STEP:
                await self._collection(name, traces, found)
        for stream in STREAMS:
            await self._stream(stream, traces, found, force=force)
        return found

    async def _calls_of(self, traces: Traces, found: Erased) -> None:
        ids = [str(call["_id"]) async for call in self._holdings.every(CALLS) if is_to_do(call, traces)]
        for id in ids:
            call = await self._calls.get(id)
            if call is None:
                continue
            if self._dry:
                found.documents[CALLS] += 1
                found.calls["of theirs" if call.message.message_id in traces.own else "naming them"] += 1
                continue
            seen = await sightings(self._ledger, self._calls, call)

            def step(now: Call, seen: Any = seen) -> Call | None:
                own = now.message.message_id in traces.own
                if not is_to_do(now.model_dump(mode="json") | {"_id": now.id}, traces):
                    return None
                return erased(now, traces.without, _ACTOR, self._clock(), seen, own=own)

            if after := await change(self._calls, id, step):
                found.documents[CALLS] += 1
                found.calls[str(after.outbox[-1].event.type) if after.outbox else "not published"] += 1

    async def _ledger_of(self, traces: Traces, found: Erased) -> None:
        async for entry in self._holdings.every(LEDGER):
            if not is_held(LEDGER, entry, traces):
                continue
            found.documents[LEDGER] += 1
            if not self._dry:
                own = is_theirs(entry, traces)
                await self._holdings.replace(LEDGER, entry, emptied(entry, traces, own=own))

    async def _collection(self, name: str, traces: Traces, found: Erased) -> None:
        async for document in self._holdings.every(name):
            if not is_held(name, document, traces):
                continue
            found.documents[name] += 1
            if self._dry:
                continue
            if goes(name, document, traces) or holding_of(name).way is Way.DROP:
                await self._holdings.drop(name, document)
            else:
                await self._holdings.replace(name, document, kept(document, traces.without(document)))

    async def _stream(self, stream: str, traces: Traces, found: Erased, *, force: bool) -> None:
        handled = await erasing.handled(self._js, stream)
        async with aclosing(stored(self._js, stream)) as messages:
            async for message in messages:
                body = json_of(message)
                if not (traces.holds(body) or traces.holds(dict(message.headers))):
                    continue
                # A later revision takes the place of a published call, so that one is lost to nobody.
                may = force and (stream == APPROVED.stream or is_own(body, traces))
                if message.seq > handled and not may:
                    found.waiting[stream] += 1
                    continue
                if self._dry:
                    found.messages[stream] += 1
                    continue
                await self._settle(body, message, traces)
                found.messages[stream] += await self._erase(self._js, stream, message.seq)

    async def _settle(self, body: Any, message: RawStreamMessage, traces: Traces) -> None:
        """Has the ledger end a message of theirs that is taken from a service before it could, and know it again."""
        said = message_in(body)
        id = said.get("message_id")
        if not isinstance(id, str) or not is_own(body, traces):
            return
        position = f"{message.stream}:{message.seq}"
        entry = await self._ledger.get(id)
        if entry is not None and entry.state is State.CANDIDATE:
            detail = {"reason": REASON, "position": position}
            await self._ledger.settle(id, State.REJECTED, stage="erasure", detail=detail, never_over={State.CALL})
        elif entry is None and said.get("type") == "message.posted":
            await self._ledger.record([tombstone(RawMessage.model_validate(said), position, self._clock())])

    async def _moved(self, began: dict[str, int], end: float) -> None:
        """Returns when every reader is past where the streams ended when the pass began, or time is up."""
        lasts = {}
        for stream in STREAMS:
            try:
                lasts[stream] = (await self._js.stream_info(stream)).state.last_seq
            except Exception as error:
                raise Unavailable(f"stream {stream} does not answer: {type(error).__name__}") from error
        while asyncio.get_running_loop().time() < end:
            floors = {stream: await erasing.handled(self._js, stream) for stream in STREAMS}
            if all(floors[stream] >= max(began[stream], lasts[stream]) for stream in STREAMS):
                return
            await asyncio.sleep(_LOOK_S)


async def traces_of(holdings: Holdings, person: Person) -> Traces:
    """The person with the ids of what is theirs. What an earlier run has emptied is known by its mark."""
    traces = Traces(person)
    edits: dict[str, str] = {}
    async for entry in holdings.every(LEDGER):
        ids = (entry["_id"], entry.get("edit_of"))
        if entry.get("edit_of"):
            edits[entry["_id"]] = entry["edit_of"]
        if entry.get("erased") == WORDS or traces.is_sender(entry.get("sender")):
            traces.add(*ids, own=True)
        elif entry.get("erased") == MENTION or traces.holds(entry):
            traces.add(*ids, own=False)
    async for call in holdings.every(CALLS):
        message = call["message"]
        if traces.is_sender(message.get("sender")):
            traces.add(message["message_id"], own=True)
        elif traces.holds(call):
            traces.add(message["message_id"], own=False)
    for edit, message_id in edits.items():
        if message_id in traces.own:
            traces.add(edit, own=True)
    return traces
