"""What the extractor does with a candidate."""

from __future__ import annotations

import structlog

from services.extractor import logic
from services.extractor.ports import Engine
from shared.broker.ports import Publisher
from shared.contracts.pipeline import Candidate, Extraction
from shared.observability import metrics
from shared.storage.ledger import Ledger, State

log = structlog.get_logger(__name__)

NAME = "extractor"


class ExtractorHandlers:
    """A candidate that comes again changes nothing."""

    def __init__(self, engine: Engine, ledger: Ledger, publisher: Publisher) -> None:
        self._engine = engine
        self._ledger = ledger
        self._publisher = publisher

    async def on_candidate(self, event: Candidate) -> None:
        """Reads the candidate; hands a call on, or records that it is none."""
        extraction = await self._engine.extract(event)
        id = logic.entry_of(event)
        await self._note(id, extraction)
        if extraction.call is not None:
            await self._publisher.publish(logic.extracted(event, extraction, extraction.call))
        outcome = "not_a_call" if extraction.call is None else "call"
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

    async def _note(self, id: str, extraction: Extraction) -> None:
        """Keeps the reading in the ledger, unless a call was handed on before: its state is the publisher's to set."""
        state = State.NOT_A_CALL if extraction.call is None else State.CANDIDATE
        await self._ledger.settle(id, state, stage=NAME, detail=logic.detail(extraction), never_over=State.CALL)
