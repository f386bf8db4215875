"""What an operator does with dead letters: their messages are sent on once more, or left alone for good.

A replay goes into the stream that the message came from, under an id of its own and with the name of the delivery that
died: the claims of that one hold, so that nothing is doubled. Sent first, settled then: a crash in between sends it
once more under the same id.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from shared.broker.ports import Publisher
from shared.broker.resend import Resender, replay_headers
from shared.contracts.messages import RawEvent
from shared.contracts.pipeline import DeadLetter
from shared.contracts.subjects import CANDIDATES, EXTRACTED, ROUTES
from shared.errors import Permanent, Transient
from shared.observability import metrics
from shared.stopping import cancelled
from shared.storage.audit import Audit, Deed
from shared.storage.dead_letters import DeadLetters, Outcome
from shared.storage.ledger import Ledger, State
from shared.storage.sources import Sources, SourceStatus
from shared.whapi.letters import reread

log = structlog.get_logger(__name__)

ABOUT = "letter"
"""The audit's name for this kind of thing."""


@dataclass(slots=True)
class Report:
    """What a replay of several letters came to. `refused` counts by reason; `stopped` says why it ended early."""

    sent: int = 0
    settled_before: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    stopped: str = ""

    @property
    def done(self) -> int:
        """How many letters were looked at."""
        return self.sent + self.settled_before + self.refused.total()


class Letters:
    """Replays and drops. `actor` is who does it; each deed stands in the audit before it is done."""

    def __init__(
        self,
        letters: DeadLetters,
        ledger: Ledger,
        sources: Sources,
        publisher: Publisher,
        resender: Resender,
        audit: Audit,
        clock: Callable[[], datetime],
    ) -> None:
        self.store = letters
        self._ledger = ledger
        self._sources = sources
        self._publisher = publisher
        self._resender = resender
        self._audit = audit
        self._clock = clock

    async def replay(self, id: str, actor: str) -> bool:
        """Sends one letter's message on once more. False where the letter is settled already.

        Permanent, with the reason, where it cannot be sent; Unavailable while broker or database is away.
        """
        await self._note(actor, "replayed", id)
        return await self._replay(id, actor)

    async def replay_all(
        self,
        ids: Sequence[str],
        actor: str,
        *,
        rate: float,
        progress: Report | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> Report:
        """Sends these on, so many a second at most. `progress` is kept up to date meanwhile and returned."""
        report = progress or Report()
        await self._note(actor, "replayed_all", f"{len(ids)}")
        for number, id in enumerate(ids):
            if number:
                await pause(1 / rate)
            try:
                if await self._replay(id, actor):
                    report.sent += 1
                else:
                    report.settled_before += 1
            except Permanent as error:
                report.refused[error.reason] += 1
            except Transient as error:
                report.stopped = str(error)
                break
        log.info("letters.replayed", sent=report.sent, refused=report.refused.total(), stopped=bool(report.stopped))
        return report

    async def drop(self, ids: Sequence[str], actor: str) -> int:
        """Closes these letters for good: their messages stay dead. Returns how many were open."""
        if len(ids) == 1:
            await self._note(actor, "dropped", ids[0])
        else:
            await self._note(actor, "dropped_all", f"{len(ids)}")
        dropped = await self.store.settle(ids, Outcome.DROPPED, by=actor, at=self._clock())
        metrics.LETTERS.labels(outcome="dropped").inc(dropped)
        return dropped

    async def _replay(self, id: str, actor: str) -> bool:
        kept = await self.store.kept(id)
        if kept is None:
            raise Permanent(f"there is no letter {id[:80]}", reason="unknown")
        if kept.outcome is not Outcome.OPEN:
            return False
        letter = kept.letter
        if letter.stream is None:
            await self._publisher.publish_all(await self._listened_to(reread(letter)))
        else:
            await self._resend(letter)
        await self.store.settle([id], Outcome.REPLAYED, by=actor, at=self._clock())
        metrics.LETTERS.labels(outcome="replayed").inc()
        return True

    async def _resend(self, letter: DeadLetter) -> None:
        stream = checked_stream(letter)
        await self._wake(letter)
        of = f"{stream}:{letter.sequence}" if letter.sequence else None
        run = run_of(letter)
        headers = replay_headers(letter.headers, run=run, of=of, arrived_at=letter.failed_at)
        payload = letter.payload.encode("utf-8", "surrogatepass")
        await self._resender.resend(letter.subject, stream, payload, headers, f"replay:{letter.event_id}")

    async def _wake(self, letter: DeadLetter) -> None:
        """Has the ledger say that its message is on its way again; the filter does so itself for what died there."""
        if letter.message_id is None or letter.subject not in (CANDIDATES.subject, EXTRACTED.subject):
            return
        entry = await self._ledger.get(letter.message_id)
        if entry is not None and entry.state is State.DEAD:
            detail = entry.stages.get("dead", {}) | {"replayed_at": self._clock()}
            await self._ledger.settle(entry.id, State.CANDIDATE, stage="dead", detail=detail, never_over={State.CALL})

    async def _listened_to(self, events: Sequence[RawEvent]) -> list[RawEvent]:
        """Those from active groups, with the group's name; Permanent where none is."""
        found: list[RawEvent] = []
        for event in events:
            source = await self._sources.get(event.group.id) if event.group else None
            if event.group is None:
                found.append(event)
            elif source is not None and source.status is SourceStatus.ACTIVE:
                group = event.group.model_copy(update={"name": event.group.name or source.name})
                found.append(event.model_copy(update={"group": group}))
        if not found:
            raise Permanent("its group is not listened to", reason="inactive_group")
        return found

    async def _note(self, actor: str, action: str, subject: str) -> None:
        await self._audit.note(Deed(self._clock(), actor, ABOUT, subject[:200], action))


class Replays:
    """Replays of many letters that nobody has to wait for, one at a time. `of` letters are in the one told of."""

    def __init__(self, letters: Letters) -> None:
        self.report = Report()
        self.of = 0
        self._letters = letters
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._task is not None and not self._task.done()

    def begin(self, ids: Sequence[str], actor: str, *, rate: float) -> bool:
        """Starts one; False while another is under way."""
        if self.running:
            return False
        self.report, self.of = Report(), len(ids)
        self._task = asyncio.create_task(self._run(ids, actor, rate), name="replay of dead letters")
        return True

    async def close(self) -> None:
        """Ends the one that is under way: what it has not sent stays open."""
        if self._task is not None:
            await cancelled(self._task)

    async def _run(self, ids: Sequence[str], actor: str, rate: float) -> None:
        try:
            await self._letters.replay_all(ids, actor, rate=rate, progress=self.report)
        except Exception as error:  # nobody waits for this task: it has to say so itself
            log.exception("letters.replay_failed")
            self.report.stopped = type(error).__name__


def checked_stream(letter: DeadLetter) -> str:
    """The stream to send it to; Permanent where its subject is none of ours any more."""
    for route in ROUTES:
        same = letter.subject == route.subject or (
            route.subject.endswith(".>") and letter.subject.startswith(route.subject[:-1])
        )
        if same and route.stream == letter.stream:
            return route.stream
    raise Permanent(f"there is no subject {letter.subject[:80]} in a stream {letter.stream}", reason="no_way")


def run_of(letter: DeadLetter) -> str:
    """The name of the replay of this letter: always the same."""
    return "dead-" + hashlib.blake2b(letter.event_id.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
