"""What the publisher does with an extracted call, a deletion and a dead letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from services.publisher import logic, suggestions
from services.publisher.newest import change
from services.publisher.sightings import sightings
from services.publisher.suggestions import ASK, Automatic
from shared.contracts.ids import call_id
from shared.contracts.messages import MessageDeleted
from shared.contracts.pipeline import DeadLetter, ExtractedCall, Relation, Sighting
from shared.contracts.subjects import CANDIDATES, EXTRACTED, RAW_EDITS, RAW_MESSAGES
from shared.errors import Unavailable
from shared.observability import metrics
from shared.storage.calls import Call, Calls
from shared.storage.dead_letters import DeadLetters, Outcome
from shared.storage.ledger import Ledger, State
from shared.storage.texts import Texts

log = structlog.get_logger(__name__)

_BROUGHT_BY = frozenset(route.subject for route in (RAW_MESSAGES, RAW_EDITS, CANDIDATES, EXTRACTED))
"""The subjects on which a message comes itself; what else dies, such as a sign of its end, leaves it as it stands."""

Changed = Callable[[Call], None]
"""Called with each call that was saved: the desk's list and the relay want to know."""


class PublisherHandlers:
    """Each event changes nothing when it comes again."""

    def __init__(
        self,
        calls: Calls,
        ledger: Ledger,
        dead_letters: DeadLetters,
        texts: Texts,
        clock: Callable[[], datetime],
        changed: Changed,
        *,
        automatic: Automatic = ASK,
    ) -> None:
        self._calls = calls
        self._ledger = ledger
        self._dead_letters = dead_letters
        self._texts = texts
        self._clock = clock
        self._changed = changed
        self._automatic = automatic

    async def on_extracted(self, event: ExtractedCall) -> None:
        """Puts the call into the queue, or an edit of its message beside it, and notes it in the ledger.

        A copy of a call that is here is a sighting of that call; where it is over, the copy waits as a call of its own.
        """
        if original := await self._original(event):
            await self._note_copy(event, original)
            return
        call = logic.received(event, self._clock())
        if await self._calls.insert(call):
            metrics.QUEUED.labels(outcome="new").inc()
            metrics.QUEUE_AGE.observe(max(0.0, (call.queued_at - event.message.sent_at).total_seconds()))
            self._changed(call)
        else:
            await self._take_again(event)
        # Read after the insert: a deletion that comes now finds the call, one that came before is found here.
        if deleted := await self._calls.deletion(event.call_id):
            await self._delete(event.call_id, deleted)
        detail = {"call_id": event.call_id}
        if event.likeness and event.likeness.relation is Relation.SAME:
            detail |= {"duplicate_of": event.likeness.message_id}  # it stands for that one now: further copies find it
        for id in filter(None, (event.message.message_id, event.edit_id)):
            if not await self._ledger.settle(id, State.CALL, stage="publisher", detail=detail):
                log.warning("publisher.ledger_entry_missing", message_id=id, call_id=event.call_id)
        log.info("publisher.queued", call_id=event.call_id, message_id=event.message.message_id, edit_id=event.edit_id)

    async def on_deleted(self, event: MessageDeleted) -> None:
        """Notes the deletion, whether the call is here yet or not, and tells the reviewers or withdraws the call.

        Whoever posts the words again is no longer stopped as a copy of what is gone: what they are then is looked at.
        """
        id = call_id(event.message_id)
        await self._calls.note_deletion(id, event.event_id, event.deleted_at or self._clock())
        entry = await self._ledger.get(event.message_id)
        if entry is not None and entry.fingerprint:
            await self._texts.release(entry.fingerprint, event.message_id)
        await self._delete(id, event.event_id)

    async def on_dead(self, event: DeadLetter) -> None:
        """Keeps the letter and notes in the ledger that the message is dead, unless it became a call all the same."""
        new = await self._dead_letters.add(event)
        log.info("publisher.dead_letter_kept", letter=event.event_id, stage=event.stage, message_id=event.message_id)
        if event.message_id is None or event.subject not in _BROUGHT_BY:
            return
        if await self._calls.get(call_id(event.message_id)):
            return
        kept = None if new else await self._dead_letters.kept(event.event_id)
        if kept is not None and kept.outcome is not Outcome.OPEN:
            return  # this letter comes again after its message was sent on once more
        detail = {"letter": event.event_id, "stage": event.stage, "reason": event.reason}
        await self._ledger.settle(event.message_id, State.DEAD, stage="dead", detail=detail, never_over={State.CALL})

    async def _original(self, event: ExtractedCall) -> str | None:
        """The message of the call that this is a copy of, if that still takes copies. Unavailable while it is on its
        way here.
        """
        likeness = event.likeness
        if likeness is None or likeness.relation is not Relation.SAME or await self._calls.get(event.call_id):
            return None
        original = await self._calls.get(likeness.call_id)
        if original is not None and logic.takes_copies(original):
            return likeness.message_id
        if original is None and logic.is_on_its_way(await self._ledger.get(likeness.message_id)):
            raise Unavailable(f"call {likeness.call_id}, of which this is a copy, is on its way")
        for entry in await self._ledger.copies_of(likeness.message_id):
            heir = await self._calls.get(entry.call_id) if entry.call_id and entry.state is State.CALL else None
            if heir is not None and logic.takes_copies(heir):
                return entry.id
        return None

    async def _note_copy(self, event: ExtractedCall, original: str) -> None:
        detail = {"duplicate_of": original}
        for id in filter(None, (event.message.message_id, event.edit_id)):
            await self._ledger.settle(id, State.DUPLICATE, stage="publisher", detail=detail, never_over={State.CALL})
        metrics.QUEUED.labels(outcome="copy").inc()
        log.info("publisher.copy", message_id=event.message.message_id, original=original, edit_id=event.edit_id)

    async def _take_again(self, event: ExtractedCall) -> None:
        """A call that is here comes again: with new words, or read anew by a replay; else it is a redelivery."""
        if event.edit_id:
            await self._take_edit(event)
        if event.replay:
            await self._take_replay(event)
        if call := await self._calls.get(event.call_id):
            self._changed(call)  # who inserted it may never have heard that it is there

    async def _take_edit(self, event: ExtractedCall) -> None:
        seen_in = await self._seen_in(event.call_id)

        def step(call: Call) -> Call | None:
            now, automatic = self._clock(), self._automatic
            return suggestions.edited_in_whatsapp(call, event, now, automatic=automatic, seen_in=seen_in)

        await self._change(event.call_id, step, "edited")

    async def _take_replay(self, event: ExtractedCall) -> None:
        def step(call: Call) -> Call | None:
            return suggestions.read_anew(call, event, self._clock())

        await self._change(event.call_id, step, "replayed")

    async def _delete(self, id: str, event_id: str) -> None:
        seen_in = await self._seen_in(id)

        def step(call: Call) -> Call | None:
            now, withdraw_it = self._clock(), self._automatic.withdraw_deleted
            return suggestions.deleted_in_whatsapp(call, event_id, now, withdraw_it=withdraw_it, seen_in=seen_in)

        await self._change(id, step, "deleted")

    async def _seen_in(self, id: str) -> tuple[Sighting, ...]:
        call = await self._calls.get(id)
        return await sightings(self._ledger, self._calls, call) if call else ()

    async def _change(self, id: str, step: Callable[[Call], Call | None], outcome: str) -> None:
        if after := await change(self._calls, id, step):
            metrics.QUEUED.labels(outcome=outcome).inc()
            self._changed(after)
