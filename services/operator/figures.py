"""Figures of an evaluation as tables, for a terminal and for docs/quality.md, made from its JSON document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.operator.answers import table

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; `title` may be empty."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def lines(self) -> list[str]:
        """For a terminal: in columns."""
        rows = [[_shown(cell) for cell in row] for row in self.rows]
        return [*([self.title] if self.title else []), *table(self.headings, rows)]

    def markdown(self) -> list[str]:
        """For a document."""
        rows = [self.headings, tuple("---" for _ in self.headings), *self.rows]
        text = ["| " + " | ".join(_shown(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
        return [*([f"**{self.title}**", ""] if self.title else []), *text]


_RATES = ("recall", "precision", "false_positive_rate", "f1", "n")
_RATE_HEADINGS = ("recall", "precision", "false positives", "F1", "n")


def of_filter(document: Document, *, details: bool = True) -> list[Table]:
    """Overall and hard; with `details` also by language and kind."""
    rows = [("overall", *_rates(document["overall"])), ("hard", *_rates(document["hard"]))]
    tables = [Table("", ("messages", *_RATE_HEADINGS), tuple(rows))]
    calls = document.get("model_calls_per_unique_call")
    tables.append(Table("", ("model calls per true unique call",), ((calls,),)))
    if details:
        languages = document["by_language"].items()
        tables.append(Table("", ("language", *_RATE_HEADINGS), tuple((key, *_rates(one)) for key, one in languages)))
        # A kind is all calls or all noise: only one of the two rates can say something.
        kinds = tuple(
            (key, one["recall"], one["false_positive_rate"], one["n"]) for key, one in document["by_kind"].items()
        )
        tables.append(Table("", ("kind", "recall", "false positives", "n"), kinds))
    return tables


def of_extract(document: Document) -> list[Table]:
    """By field, what was invented, and what it cost where that is known."""
    fields = tuple(
        (name, one["precision"], one["recall"], one["f1"], one["n"]) for name, one in document["fields"].items()
    )
    tables = [Table("", ("field", "precision", "recall", "F1", "n"), fields)]
    invented = tuple((name, number) for name, number in document["invented"].items())
    tables.append(Table("", ("invented", "values"), (*invented, ("share grounded", document["grounded_share"]))))
    took = tuple((name.replace("_", " "), value) for name, value in document["took"].items())
    run = Table("", ("of the run", "figure"), (("calls taken for none", document["refused"]), *took))
    return [*tables, run, *_of_model(document)]


def _of_model(document: Document) -> list[Table]:
    """What a run of the model engine has more: what was planted and caught, what it cost."""
    if "model" not in document:
        return []
    names = ("planted", "caught", "dropped_true_values")
    rows = [(name.replace("_", " "), document[name]) for name in names]
    rows += [(name.replace("_", " "), value) for name, value in document["model"].items()]
    return [Table("", ("model", "figure"), tuple(rows))]


def of_duplicates(document: Document) -> list[Table]:
    """Overall, hard and held-back pairs; the confusion of the four verdicts."""
    parts = [("all", document), *((name, document[name]) for name in ("hard", "held") if name in document)]
    rows = tuple((name, one["precision"], one["recall"], one["four_way_accuracy"], one["n"]) for name, one in parts)
    tables = [Table("", ("pairs", "precision of same", "recall of same", "four-way accuracy", "n"), rows)]
    confusion = document["confusion"]
    names = tuple(confusion)
    counts = tuple((gold, *(confusion[gold][given] for given in names)) for gold in names)
    return [*tables, Table("", ("gold \\ said", *names), counts)]


def lines(tables: Sequence[Table]) -> list[str]:
    """All tables for a terminal, an empty line between two."""
    return [line for at, one in enumerate(tables) for line in ([""] if at else []) + one.lines()]


def _rates(figures: Document) -> tuple[Any, ...]:
    return tuple(figures[name] for name in _RATES)


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
