"""Knows a call again that came before: in another group, with another header, corrected, or as a template.

Copies arrive within seconds and are worked on at the same time, so each message is written down before anybody looks.
Whose call a message is gets decided once, by the first who says so; of two open ones the earlier may take the later,
and the later waits. So exactly one of them becomes the original, whatever is killed between any two lines.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from services.extractor.likeness import Compared, Post, compare
from services.extractor.posts.shingles import sample
from shared.contracts.ids import call_id
from shared.contracts.pipeline import Candidate, Likeness, Relation
from shared.errors import Transient
from shared.observability import metrics
from shared.storage.ledger import Ledger, State
from shared.storage.signatures import Outcome, Signature, Signatures

log = structlog.get_logger(__name__)

LOOKED_AT = 8  # messages that one is held against
_WAIT_S = 1.0
_STEPS = 4  # from a copy to its original: one, or two where two messages decided at once
_OTHERS = ("update", "sibling")
_RANK = {Relation.SAME: 0, Relation.UPDATE: 1, Relation.SIBLING: 2}


class OriginalOpen(Transient):
    """The call of which this is a copy is being read; what becomes of it is not known yet."""


class Duplicates:
    """Finds out what a candidate is to the calls before it."""

    def __init__(
        self,
        signatures: Signatures,
        ledger: Ledger,
        clock: Callable[[], datetime],
        *,
        kept: timedelta,
        patience: timedelta,
    ) -> None:
        self._signatures = signatures
        self._ledger = ledger
        self._clock = clock
        self._kept = kept
        self._patience = patience

    async def likeness(self, candidate: Candidate) -> Likeness | None:
        """What it is to the call that it is most like; None when it is new.

        Raises OriginalOpen while it has to wait for its original.
        """
        if candidate.check:
            return None
        now, message = self._clock(), candidate.message
        pieces = sample(message.text)
        mine = await self._signatures.put(
            Signature(
                message.message_id,
                message.text,
                message.sent_at,
                touched_at=now,
                expires_at=now + self._kept,
                edited=candidate.edit_id is not None,
            ),
            pieces,
        )
        if candidate.edit_id is not None:
            mine = replace(mine, text=message.text, sent_at=message.sent_at, edited=True)
            if mine.original is not None:
                return await self._of_edit(mine)
        if mine.original is None:  # also the edit of what never came here: the filter knew it for a copy, or stopped it
            near = await self._near(mine, pieces)
            found = await self._decided(mine, near, now)
        else:
            near, found = [], mine.original
        if found != mine.message_id:
            return await self._copy(mine, found, now)
        if not near:
            near = await self._near(mine, pieces)
        return self._told(_closest(mine, near, _OTHERS))

    async def settle(self, candidate: Candidate, *, is_call: bool) -> None:
        """Notes what became of a candidate that is no copy, after it was handed on: its copies wait for that."""
        if not candidate.check and (is_call or candidate.edit_id is None):  # an edit undoes no call
            outcome = Outcome.CALL if is_call else Outcome.NONE
            await self._signatures.settle(candidate.message.message_id, outcome)

    async def _near(self, mine: Signature, pieces: tuple[int, ...]) -> list[Signature]:
        """The first messages of the calls that are near: what is a copy itself stands for its original."""
        found: dict[str, Signature] = {}
        for one in await self._signatures.near(pieces, but=mine.message_id, limit=LOOKED_AT):
            first = await self._first(one)
            if first is not None and first.message_id != mine.message_id:
                found[first.message_id] = first
        return sorted(found.values(), key=_order)

    async def _first(self, one: Signature) -> Signature | None:
        """The first message of its call, however many steps away; None where that turned out to be none.

        A copy that was read by itself, because its original is no call, is a first message.
        """
        for _ in range(_STEPS):
            if one.outcome is Outcome.CALL or one.original is None or one.is_original:
                return None if one.outcome is Outcome.NONE else one
            before = await self._signatures.get(one.original)
            if before is None:
                return None
            one = before
        return None

    async def _decided(self, mine: Signature, near: list[Signature], now: datetime) -> str:
        """Whose call this is, decided for good."""
        same = [one for one in near if _compared(one, mine).verdict == "same"]
        settled = [one for one in same if one.original is not None]
        if settled:
            return await self._signatures.decide(mine, settled[0].message_id)
        for one in same:
            if one.original is not None or await self._is_forsaken(one, now):
                continue
            if _order(one) < _order(mine):
                raise OriginalOpen(f"{one.message_id} comes first and is open", retry_after=_WAIT_S)
            if await self._signatures.decide(one, mine.message_id) != mine.message_id:
                raise OriginalOpen(f"{one.message_id} was decided meanwhile", retry_after=_WAIT_S)
        return await self._signatures.decide(mine, mine.message_id)

    async def _copy(self, mine: Signature, original: str, now: datetime) -> Likeness | None:
        """The likeness of a copy, as soon as its original was handed on; None when there is no call to be a copy of."""
        kept = await self._signatures.get(original)
        first = await self._first(kept) if kept is not None else None
        if first is None or first.message_id == mine.message_id:
            return None
        if first.outcome is None and not await self._is_forsaken(first, now):
            raise OriginalOpen(f"{first.message_id} is being read", retry_after=_WAIT_S)
        return self._told((first, Compared("same", (), _compared(first, mine).containment, "no fact differs")))

    async def _of_edit(self, mine: Signature) -> Likeness | None:
        """An edit never makes a call a copy; that of a copy is held against its original again."""
        if mine.original is None or mine.is_original:
            return None
        kept = await self._signatures.get(mine.original)
        first = await self._first(kept) if kept is not None else None
        return self._told(_closest(mine, [first], {"same", *_OTHERS})) if first is not None else None

    async def _is_forsaken(self, one: Signature, now: datetime) -> bool:
        """Whether it is a dead letter, or nobody has worked on it for so long that it may never be settled."""
        if now - one.touched_at > self._patience:
            return True
        entry = await self._ledger.get(one.message_id)
        return entry is not None and entry.state is State.DEAD

    def _told(self, found: tuple[Signature, Compared] | None) -> Likeness | None:
        if found is None:
            return None
        first, compared = found
        metrics.LIKENESS.labels(relation=compared.verdict).inc()
        log.info("extractor.alike", relation=compared.verdict, to=first.message_id, conflicts=compared.conflicts)
        return Likeness(
            relation=Relation(compared.verdict),
            call_id=call_id(first.message_id),
            message_id=first.message_id,
            containment=compared.containment,
            conflicts=compared.conflicts,
            reason=compared.reason,
        )


def _closest(mine: Signature, near: list[Signature], verdicts: Collection[str]) -> tuple[Signature, Compared] | None:
    """The earlier call to which it is one of these, the nearest of several."""
    found = [
        (one, compared)
        for one in near
        if one.sent_at <= mine.sent_at and (compared := _compared(one, mine)).verdict in verdicts
    ]
    return min(found, key=lambda pair: (_RANK[Relation(pair[1].verdict)], -pair[1].containment), default=None)


def _compared(one: Signature, other: Signature) -> Compared:
    first, second = sorted((one, other), key=_order)
    return compare(Post(first.text, first.sent_at), Post(second.text, second.sent_at))


def _order(one: Signature) -> tuple[datetime, str]:
    return one.sent_at, one.message_id
