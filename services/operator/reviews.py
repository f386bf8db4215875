"""What the reviewers decided, as a corpus: for `twin eval --from-reviews` and `twin train --from-reviews`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.operator import connections, figures, judges, mistakes
from services.operator.evaluate import Evaluated, Reader, Stage, extraction
from services.operator.evaluate_extract import ExtractReport, evaluate_extract
from services.operator.evaluate_filter import CALL, Row, evaluate
from services.operator.figures import Table
from services.publisher.overview.missed import missed_rate
from shared.contracts.pipeline import Extraction
from shared.errors import Misconfigured
from shared.storage.cases import Case
from shared.storage.ledger import State
from shared.storage.mongo.cases import MongoCases
from shared.storage.mongo.ledger import MongoLedger


@dataclass(frozen=True, slots=True)
class Reviews:
    """The decisions, the filter that runs now, and how many messages the filter has rejected in all."""

    cases: list[Case]
    judge: judges.Judge
    rejected: int


async def read() -> Reviews:
    """What the database holds. Misconfigured where nobody has decided yet."""
    async with connections.database() as mongo:
        cases = await MongoCases(mongo).every()
        if not cases:
            raise Misconfigured("no reviewer has decided on a call yet, so there is no case to score on")
        rejected = (await MongoLedger(mongo).count_by_state())[State.REJECTED]
        return Reviews(cases, await judges.current(mongo), rejected)


def evaluated(reviews: Reviews, stage: Stage | None, engine: Reader = Reader.OFFLINE) -> Evaluated:
    """The figures of filter and extractor on these decisions; with a stage its document, the counts beside it."""
    parts: dict[str, Evaluated] = {}
    if stage in (None, Stage.FILTER):
        parts["filter"] = of_filter(reviews.cases, reviews.judge, rejected=reviews.rejected)
    if stage in (None, Stage.EXTRACT):
        parts["extract"] = of_extract(reviews.cases, engine)
    counts = dict(Counter(case.label for case in reviews.cases)) | {"checked": sum(one.check for one in reviews.cases)}
    told = ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))
    heading = [f"{len(reviews.cases)} cases: {told}", ""]
    if stage is not None:
        [part] = parts.values()
        return Evaluated(part.document | {"cases": counts}, heading + part.lines, part.mistakes)
    document = {name: part.document for name, part in parts.items()} | {"cases": counts}
    lines = [line for name, part in parts.items() for line in (f"== {name} ==", *part.lines, "")]
    return Evaluated(document, heading + lines, [mistake for part in parts.values() for mistake in part.mistakes])


def rows_of(cases: Iterable[Case]) -> list[Row]:
    """The cases as rows of a corpus; their kind says whether the filter had passed them or a sample was checked."""
    return [
        Row(
            id=case.id,
            text=case.text,
            is_call=case.label == CALL,
            kind="checked rejection" if case.check else "reviewed",
            language=(case.gold or case.original).language,
            sent_at=case.sent_at,
        )
        for case in cases
    ]


def of_filter(cases: Sequence[Case], judge: judges.Judge, *, rejected: int) -> Evaluated:
    """The figures of a filter, and the rate of calls among what it had rejected, from the sample that was checked."""
    evaluation = evaluate(rows_of(cases), judge, same=judges.same)
    missed = _missed(cases, rejected)
    document = evaluation.as_json() | {"missed": missed}
    lines = [*figures.lines(figures.of_filter(document)), "", *_missed_table(missed).lines()]
    return Evaluated(document, lines, mistakes.of_filter(evaluation))


def of_extract(cases: Iterable[Case], engine: Reader = Reader.OFFLINE) -> Evaluated:
    """An engine on the approved calls; and what reviewers left of the fields that they were shown."""
    approved = [case for case in cases if case.gold is not None]
    found = extraction([_row(case) for case in approved], engine)
    shown = corrections(approved)
    return Evaluated(
        found.document | {"as_shown": shown.fields}, [*found.lines, "", *_shown_table(shown).lines()], found.mistakes
    )


def corrections(approved: Sequence[Case]) -> ExtractReport:
    """The fields that the reviewers were shown, scored against what they approved: what they had to correct."""
    shown = {(case.text, case.sent_at): Extraction(call=case.original, engine=case.engine) for case in approved}

    def as_shown(text: str, sent_at: datetime) -> Extraction:
        return shown[text, sent_at]

    return evaluate_extract([_row(case) for case in approved], as_shown)


def _row(case: Case) -> Mapping[str, Any]:
    gold = case.gold.model_dump(mode="json") if case.gold else None
    sent_at = case.sent_at.isoformat()
    return {"id": case.id, "text": case.text, "sent_at": sent_at, "label": case.label, "gold": gold}


def _missed(cases: Iterable[Case], rejected: int) -> dict[str, float | int]:
    """What the checked sample says of the filter's rejections: the rate of calls, and between what it lies (95 %)."""
    checked = [case for case in cases if case.check]
    calls = sum(case.label == CALL for case in checked)
    rate, low, high = missed_rate(len(checked), calls, rejected)
    return {"rejected": rejected, "checked": len(checked), "missed": calls, "rate": rate, "low": low, "high": high}


def _missed_table(missed: Mapping[str, float | int]) -> Table:
    headings = ("rejections", "checked", "calls among them", "rate of missed calls", "at least", "at most (95 %)")
    return Table("", headings, (tuple(missed.values()),))


def _shown_table(shown: ExtractReport) -> Table:
    rows = tuple((name, one["precision"], one["recall"], one["n"]) for name, one in shown.fields.items())
    return Table("as shown to the reviewers, before their corrections", ("field", "precision", "recall", "n"), rows)
