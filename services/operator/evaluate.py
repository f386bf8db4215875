"""`twin eval`: how good filter, extractor and the telling of duplicates are, by the code that the services run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from services.operator.answers import JsonOption, run, show
from services.operator.mistakes import Mistake
from shared.contracts.pipeline import Extraction
from shared.errors import Misconfigured


class Stage(StrEnum):
    """What is evaluated."""

    FILTER = "filter"
    EXTRACT = "extract"
    DUPLICATES = "duplicates"


class Reader(StrEnum):
    """What reads the messages in the stage `extract`."""

    OFFLINE = "offline"
    OPENAI = "openai"  # the model in the settings: this costs money
    SANDBOX = "sandbox"  # the model's code against a stand-in that answers from gold, with planted inventions


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The figures as a document and in lines, and what went wrong, the worst first."""

    document: dict[str, Any]
    lines: list[str]
    mistakes: Sequence[Mistake] = field(default=())


def evaluate(
    corpus: Annotated[
        Path | None, typer.Argument(help="Labelled messages, or pairs: one JSON object a line.", show_default=False)
    ] = None,
    stage: Annotated[Stage | None, typer.Option(help="What to evaluate.", show_default=False)] = None,
    engine: Annotated[Reader, typer.Option(help="What reads the messages, in the stage extract.")] = Reader.OFFLINE,
    errors: Annotated[int, typer.Option(min=0, metavar="N", help="Also show the N worst mistakes.")] = 0,
    from_reviews: Annotated[
        bool, typer.Option("--from-reviews", help="Evaluate on what reviewers decided, from the database.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Score a stage on labelled messages; with --from-reviews on the reviewers' decisions."""
    if from_reviews:
        from services.operator import reviews

        if corpus is not None or stage is Stage.DUPLICATES:
            raise Misconfigured("--from-reviews takes no file, and its stages are filter and extract")
        _tell(reviews.evaluated(run(reviews.read()), stage, engine), errors, as_json=as_json)
        return
    if corpus is None or stage is None:
        raise Misconfigured("a file of labelled messages and --stage are needed, or --from-reviews")
    if engine is not Reader.OFFLINE and stage is not Stage.EXTRACT:
        raise Misconfigured(f"--engine {engine} goes with --stage extract")
    match stage:
        case Stage.FILTER:
            found = of_filter(corpus)
        case Stage.EXTRACT:
            found = of_extract(corpus, engine)
        case Stage.DUPLICATES:
            found = of_duplicates(corpus)
    _tell(found, errors, as_json=as_json)


def of_filter(path: Path) -> Evaluated:
    """The filter as it is shipped, on a corpus."""
    from services.operator import figures, judges, labelled, mistakes
    from services.operator.evaluate_filter import evaluate as evaluate_filter

    evaluation = evaluate_filter(labelled.messages(path), judges.shipped(), same=judges.same)
    document = evaluation.as_json()
    return Evaluated(document, figures.lines(figures.of_filter(document)), mistakes.of_filter(evaluation))


def of_extract(path: Path, engine: Reader) -> Evaluated:
    """An engine on a corpus."""
    from services.operator import labelled

    return extraction(labelled.calls(path), engine)


def extraction(rows: Sequence[Mapping[str, Any]], engine: Reader) -> Evaluated:
    """An engine on labelled rows: the parsers alone, or the whole model engine."""
    from services.operator import figures, mistakes

    if engine is Reader.OFFLINE:
        from services.extractor.offline.engine import extract
        from services.operator.evaluate_extract import evaluate_extract

        reader = Remembering(extract)
        document = evaluate_extract(rows, reader).as_json()
        wrong = mistakes.of_extract(rows, reader.known)
    else:
        from services.extractor.settings import OpenAISettings
        from services.operator.evaluate_model import evaluate_model

        endpoint: OpenAISettings | None = OpenAISettings.load() if engine is Reader.OPENAI else None
        report = evaluate_model(rows, endpoint)
        document, wrong = report.as_json(), mistakes.of_model(rows, report)
    return Evaluated(document, figures.lines(figures.of_extract(document)), wrong)


def of_duplicates(path: Path) -> Evaluated:
    """The telling of near-duplicates on a file of pairs."""
    from services.operator import figures, labelled, mistakes
    from services.operator.evaluate_duplicates import evaluate_duplicates

    report = evaluate_duplicates(labelled.pairs(path))
    document = report.as_json()
    return Evaluated(document, figures.lines(figures.of_duplicates(document)), mistakes.of_duplicates(report))


class Remembering:
    """An engine that keeps what it read, so that a mistake can be shown without reading again."""

    def __init__(self, engine: Callable[[str, datetime], Extraction]) -> None:
        self._engine = engine
        self._read: dict[tuple[str, datetime], Extraction] = {}

    def __call__(self, text: str, sent_at: datetime) -> Extraction:
        """What the engine reads."""
        self._read[text, sent_at] = found = self._engine(text, sent_at)
        return found

    def known(self, text: str, sent_at: datetime) -> Extraction | None:
        """What it has read of this message."""
        return self._read.get((text, sent_at))


def _tell(found: Evaluated, errors: int, *, as_json: bool) -> None:
    from services.operator import mistakes

    document, lines = found.document, found.lines
    if errors:
        document = document | {"errors": [asdict(mistake) for mistake in found.mistakes[:errors]]}
        lines = [*lines, "", *mistakes.lines(found.mistakes, errors)]
    show(document, lines, as_json=as_json)
