"""Claims, judges, records and passes on, a batch at a time.

The order survives a crash between any two lines: texts are claimed, entries recorded, candidates published, and only
then are the messages acknowledged. A redelivery finds its own claims and goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.filter.arrival import (
    Arrival,
    check,
    entry_of,
    has_passed,
    is_checked,
    is_copyable,
    read,
    text_key,
    uncheck,
    verdict_of,
)
from services.filter.endings import ending_of
from shared.arabic.fingerprint import fingerprint
from shared.arabic.normalise import fold_text
from shared.broker.letters import claim_of, deliveries_of
from shared.broker.ports import Publisher
from shared.broker.resend import arrived_at, replay_of
from shared.broker.settle import SUSPECT_FROM, Delivered, Settler
from shared.contracts.messages import MessageEdited, RawMessage
from shared.contracts.pipeline import Candidate, Ending, Verdict
from shared.contracts.subjects import RAW_EDITS
from shared.errors import Transient, Unavailable
from shared.observability import metrics
from shared.storage.ledger import STOPPED, Again, Entry, Ledger, State
from shared.storage.texts import TextClaim, Texts

log = structlog.get_logger(__name__)

_EARLY_S = 3.0  # so long, and twice, waits what is about another message; that may also be one that we never saw

Judge = Callable[[RawMessage, datetime, str], Verdict]
"""Says whether a message may be a casting call, at a given time; the last argument is its folded text."""


@dataclass(slots=True)
class Work:
    """One message on its way through the batch."""

    raw: Delivered
    arrival: Arrival
    entry: Entry
    folded: str
    ending: Ending | None = None
    replay: str | None = None  # which one, where the message is sent once more on purpose


class FilterHandlers:
    """Handles the batches of one filter process."""

    def __init__(
        self,
        ledger: Ledger,
        texts: Texts,
        publisher: Publisher,
        settler: Settler,
        judge: Judge,
        *,
        clock: Callable[[], datetime],
        copy_window: timedelta,
        check_share: float = 0.0,
    ) -> None:
        self._ledger = ledger
        self._texts = texts
        self._publisher = publisher
        self._settler = settler
        self._judge = judge
        self._clock = clock
        self._copy_window = copy_window
        self._check_share = check_share

    async def on_batch(self, raws: Sequence[Delivered]) -> None:
        """Handles what was fetched together. Raises Transient when the whole batch has to come again."""
        fresh: list[Delivered] = []
        suspects: list[Delivered] = []
        for raw in raws:
            (fresh if deliveries_of(raw) < SUSPECT_FROM else suspects).append(raw)
        try:
            await self._handle(fresh)
        except Transient:
            raise
        except Exception:  # one of them is the cause: alone, each answers for itself
            log.exception("filter.batch_split", messages=len(fresh))
            fresh, suspects = [], [*fresh, *suspects]
        # A suspect may kill this process: what is done by then must not come back, a suspect itself, with it.
        for raw in fresh if suspects else ():
            await _done(raw)
        for raw in suspects:
            await self._alone(raw)

    async def _alone(self, raw: Delivered) -> None:
        try:
            async with self._settler.attempt(raw):
                await self._handle([raw])
            await _done(raw)
        except Exception as error:
            await self._settler.settle(raw, error)

    async def _handle(self, raws: Sequence[Delivered]) -> None:
        """Edits come second: the message of one may be here as well, and is looked up in the ledger."""
        edits = [raw for raw in raws if raw.subject == RAW_EDITS.subject]
        for some in ([raw for raw in raws if raw.subject != RAW_EDITS.subject], edits):
            if some:
                await self._pass_on(some)

    async def _pass_on(self, raws: Sequence[Delivered]) -> None:
        now = self._clock()
        works = [work for raw in raws if (work := await self._judged(raw, now)) is not None]
        await self._mark_copies(works, now)
        before = await self._ledger.record([work.entry for work in works])
        mine: list[Work] = []
        again: list[Again] = []
        for work, stored in zip(works, before, strict=True):
            if stored is None:
                mine.append(work)
            elif stored.claim == work.entry.claim:  # our own work again
                await self._take_up(work, stored)
                mine.append(work)
            else:
                again.append(Again(work.entry.id, work.entry.claim, work.arrival.message.via, now))
        await self._ledger.seen_again(again)
        candidates = [work for work in mine if work.entry.state is State.CANDIDATE]
        await self._publisher.publish_all([*map(_candidate, candidates), *await self._endings(mine)])
        self._tell(mine, again)

    async def _endings(self, mine: Sequence[Work]) -> list[Ending]:
        """The signs to send. One about a message that is not here yet waits: the publisher could only drop it."""
        said = [(work.raw, work.ending) for work in mine if work.ending]
        about = [ending.about for _, ending in said if ending.about]
        known = await self._ledger.known(about) if about else set()
        missing = [ending.about is not None and ending.about not in known for _, ending in said]
        return [
            ending
            for (raw, ending), is_missing in zip(said, missing, strict=True)
            if not (is_missing and await self._waits(raw, ending.event_id))
        ]

    async def _waits(self, raw: Delivered, what: str) -> bool:
        """Has it come again after a moment; False where it has waited long enough."""
        if deliveries_of(raw) >= SUSPECT_FROM:
            return False
        await self._settler.settle(raw, Unavailable(f"{what} came before its message", retry_after=_EARLY_S))
        return True

    async def _take_up(self, work: Work, stored: Entry) -> None:
        """What was recorded stands, whatever we think now; a replay alone judges anew what had been stopped."""
        news = stored.state is State.DEAD or has_passed(work.entry)
        if work.replay and stored.state in STOPPED and news and await self._ledger.rejudge(work.entry, run=work.replay):
            return
        work.entry = stored

    async def _judged(self, raw: Delivered, now: datetime) -> Work | None:
        """The message with its verdict; None for what is settled here: malformed, or an edit that is too early."""
        try:
            event = read(raw.data)
            original = None
            if isinstance(event, MessageEdited):
                original = await self._ledger.get(event.message_id)
                if original is None and await self._waits(raw, event.event_id):
                    return None
            arrival = Arrival.of(event, original)
            folded = fold_text(arrival.message.text)
            verdict = self._judge(arrival.message, arrived_at(raw) or now, folded)
        except Transient:
            raise
        except Exception as error:
            await self._settler.settle(raw, error)
            return None
        entry = entry_of(arrival, verdict, claim=claim_of(raw), now=now)
        check(arrival, entry, share=self._check_share)
        return Work(raw, arrival, entry, folded, ending_of(arrival, entry, original, folded), replay_of(raw))

    async def _mark_copies(self, works: Sequence[Work], now: datetime) -> None:
        """A text that another message brought first makes this one a copy of that message."""
        passed = [work for work in works if is_copyable(work.arrival, work.entry)]
        claims = []
        for work in passed:
            message = work.arrival.message
            work.entry.fingerprint = fingerprint(message.text, folded=work.folded)
            key = text_key(work.entry, work.entry.fingerprint)
            claims.append(TextClaim(key, message.message_id, message.sent_at))
        owners = await self._texts.claim(claims, since=now - self._copy_window)
        for work, owner in zip(passed, owners, strict=True):
            if owner == work.entry.id:
                continue
            if is_checked(work.entry):
                uncheck(work.entry)
            else:
                work.entry.state = State.DUPLICATE
                work.entry.duplicate_of = owner

    def _tell(self, mine: Sequence[Work], again: Sequence[Again]) -> None:
        for (rule, passed), number in Counter((w.entry.rule, has_passed(w.entry)) for w in mine).items():
            metrics.JUDGED.labels(rule=rule, passed=str(passed).lower()).inc(number)
        copies = sum(work.entry.state is State.DUPLICATE for work in mine)
        checks = sum(map(is_checked, (work.entry for work in mine)))
        metrics.CHECKS.inc(checks)
        metrics.SIGHTINGS.labels(kind="copy").inc(copies)
        metrics.SIGHTINGS.labels(kind="redelivery").inc(len(again))
        states = Counter(str(work.entry.state) for work in mine)
        endings = sum(work.ending is not None for work in mine)
        log.info("filter.batch", judged=len(mine), seen_before=len(again), checks=checks, endings=endings, **states)


async def _done(raw: Delivered) -> None:
    """Acknowledges it, unless it was settled by itself."""
    if not raw.is_acked:
        await raw.ack()


def _candidate(work: Work) -> Candidate:
    arrival = work.arrival
    verdict = verdict_of(work.entry)
    # The broker drops an id that it knows: a replay's has to be its own.
    suffix = f":{work.replay}" if work.replay else ""
    return Candidate(
        event_id=f"candidate:{work.entry.id}{suffix}",
        message=arrival.message,
        verdict=verdict,
        edit_id=arrival.edit_id,
        edited_at=arrival.edited_at,
        check=is_checked(work.entry),
        replay=work.replay,
    )
