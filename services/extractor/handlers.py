"""What the extractor does with a candidate."""

from __future__ import annotations

import structlog

from services.extractor import logic
from services.extractor.duplicates import Duplicates
from services.extractor.ports import Engine
from shared.broker.ports import Publisher
from shared.contracts.ids import ending_id
from shared.contracts.pipeline import Candidate, Ending, EndKind, Extraction, Likeness, Relation
from shared.observability import metrics
from shared.storage.ledger import PUBLISHED, Ledger, State

log = structlog.get_logger(__name__)

NAME = "extractor"


class ExtractorHandlers:
    """A candidate that comes again changes nothing."""

    def __init__(
        self, engine: Engine, offline: Engine, duplicates: Duplicates, ledger: Ledger, publisher: Publisher
    ) -> None:
        self._engine = engine
        self._offline = offline
        self._duplicates = duplicates
        self._ledger = ledger
        self._publisher = publisher

    async def on_candidate(self, event: Candidate) -> None:
        """Reads the candidate; hands a call on, or records that it is none."""
        likeness = await self._duplicates.likeness(event)
        is_copy = likeness is not None and likeness.relation is Relation.SAME
        extraction = await self._read(event, is_copy=is_copy)
        call = logic.to_check(event, extraction)
        noted = await self._note(event, extraction, likeness, handed_on=call is not None)
        if call is not None:
            extracted = logic.extracted(event, extraction, call)
            await self._publisher.publish(extracted.model_copy(update={"likeness": likeness}))
        elif event.edit_id:
            await self._publisher.publish(_reworded(event, event.edit_id))
        if not is_copy and (noted or call is not None):  # what arrived as a call stays one to its copies
            await self._duplicates.settle(event, is_call=call is not None)
        outcome = "check" if event.check else "not_a_call" if call is None else "copy" if is_copy else "call"
        metrics.EXTRACTED.labels(engine=extraction.engine.name, outcome=outcome).inc()
        log.info(
            "extractor.settled",
            message_id=event.message.message_id,
            edit_id=event.edit_id,
            outcome=outcome,
            engine=extraction.engine.name,
            flags=[flag.name for flag in extraction.flags],
            cost_usd=extraction.engine.cost_usd,
        )

    async def _read(self, event: Candidate, *, is_copy: bool) -> Extraction:
        """A copy is not worth a question to the model, unless the parsers cannot read it at all."""
        if is_copy:
            extraction = await self._offline.extract(event)
            if extraction.call is not None:
                return extraction
        return await self._engine.extract(event)

    async def _note(
        self, event: Candidate, extraction: Extraction, likeness: Likeness | None, *, handed_on: bool
    ) -> bool:
        """Keeps the reading in the ledger, unless one arrived that was handed on before: its state is the publisher's.

        The broker may drop what is published next as known, and nobody would come to set the state again.
        """
        id, state = logic.entry_of(event), State.CANDIDATE if handed_on else State.NOT_A_CALL
        detail = logic.detail(extraction)
        if likeness is not None:
            detail |= {"likeness": str(likeness.relation), "like": likeness.message_id, "because": likeness.reason}
        return await self._ledger.settle(id, state, stage=NAME, detail=detail, never_over=PUBLISHED)


def _reworded(event: Candidate, edit_id: str) -> Ending:
    """A call of this message, if there is one, is none any more: its words are others now."""
    about = event.message.message_id
    return Ending(
        event_id=ending_id(edit_id), kind=EndKind.REWORDED, message=event.message, about=about, edit_id=edit_id
    )
