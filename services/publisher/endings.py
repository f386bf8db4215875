"""What a sign that a call is over means: for which call, how surely, and whether a person is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.publisher import suggestions
from services.publisher.each_call import each_call
from services.publisher.newest import change
from services.publisher.sightings import sightings
from services.publisher.suggestions import Automatic
from shared.contracts.ids import call_id
from shared.contracts.messages import Sender
from shared.contracts.pipeline import Ending
from shared.errors import Unavailable
from shared.observability import metrics
from shared.storage.calls import Call, Calls
from shared.storage.ledger import Ledger, State

log = structlog.get_logger(__name__)

_LONGEST_CHAIN = 10
Standing = Callable[[str, datetime], Awaitable[Sequence[str]]]
"""Ids of the pending and approved calls of a group that were posted since, latest first."""


@dataclass(frozen=True, slots=True)
class _Meant:
    """The call that a sign is about. `sure`: its own poster says so, and of this call."""

    call: Call
    sure: bool


class Endings:
    """Handles the signs. Each changes nothing when it comes again."""

    def __init__(
        self,
        calls: Calls,
        ledger: Ledger,
        clock: Callable[[], datetime],
        changed: Callable[[Call], None],
        standing: Standing,
        *,
        automatic: Automatic,
        filled_window: timedelta,
    ) -> None:
        self._calls = calls
        self._ledger = ledger
        self._clock = clock
        self._changed = changed
        self._standing = standing
        self._automatic = automatic
        self._window = filled_window

    async def on_ending(self, event: Ending) -> None:
        """Suggests to a reviewer that the call is over, or withdraws it where the settings say so and it is sure."""
        meant = await (self._named(event, event.about) if event.about else self._last_of_poster(event))
        if meant is None:
            log.info("publisher.ending_of_no_call", message_id=event.message.message_id, kind=str(event.kind))
            return
        seen_in = await sightings(self._ledger, self._calls, meant.call)

        def step(call: Call) -> Call | None:
            return suggestions.ended_in_whatsapp(
                call, event, self._clock(), sure=meant.sure, automatic=self._automatic, seen_in=seen_in
            )

        if after := await change(self._calls, meant.call.id, step):
            metrics.QUEUED.labels(outcome=str(event.kind)).inc()
            log.info("publisher.ending", call_id=after.id, kind=str(event.kind), sure=meant.sure, status=after.status)
            self._changed(after)

    async def _named(self, event: Ending, about: str) -> _Meant | None:
        """The call of the message that is quoted or was edited. Unavailable while that is on its way here."""
        entry = await self._ledger.get(about)
        call = await self._calls.get(call_id(about))
        original = entry
        for _ in range(_LONGEST_CHAIN):  # a copy stands for its original, which may be one itself
            if call is not None or original is None or original.duplicate_of is None or event.edit_id:
                break
            call = await self._calls.get(call_id(original.duplicate_of))
            original = await self._ledger.get(original.duplicate_of)
        if call is None:
            if original is not None and original.state is State.CANDIDATE:
                raise Unavailable(f"message {original.id}, of which this is said, is on its way")
            return None
        poster = entry.sender if entry else call.message.sender.id if call.message.sender else None
        quoted = event.message.quoted
        authors = {name for name in (poster, quoted.author if quoted else None) if name}
        own = event.edit_id is not None or _id_of(event.message.sender) in authors
        return _Meant(await self._first(call), own and event.wholly)

    async def _last_of_poster(self, event: Ending) -> _Meant | None:
        """The last call that the same person posted in this group, not too long ago. Never sure: it is not said."""
        said, sender = event.message, _id_of(event.message.sender)
        if sender is None or not self._window:
            return None
        ids = await self._standing(said.group.id, said.sent_at - self._window)
        async for call in each_call(self._calls, ids):
            if _id_of(call.message.sender) == sender and call.message.sent_at <= said.sent_at:
                return _Meant(call, sure=False)
        return None

    async def _first(self, call: Call) -> Call:
        """The call itself, or the one that it was merged into."""
        for _ in range(_LONGEST_CHAIN):
            earlier = await self._calls.get(call.merged_into) if call.merged_into else None
            if earlier is None:
                break
            call = earlier
        return call


def _id_of(sender: Sender | None) -> str | None:
    return sender.id if sender else None
