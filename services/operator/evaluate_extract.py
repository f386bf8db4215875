"""How well an engine extracts: precision, recall and F1 by field against gold, what it invented, and what it took.

How one call is compared with its gold is in `call_scores`. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from services.operator.call_scores import align, compare
from shared.arabic.digits import find_numbers
from shared.arabic.normalise import fold, fold_text
from shared.arabic.phones import spoken_digits
from shared.contracts.pipeline import Extraction

__all__ = ["FIELDS", "Engine", "ExtractReport", "Row", "align", "as_gold", "compare", "evaluate_extract", "support"]

Engine = Callable[[str, datetime], Extraction]
Row = Mapping[str, Any]

FIELDS = (
    "title", "project_type", "production_company", "location_city", "country", "deadline", "shoot_dates",
    "compensation_kind", "compensation_amount", "compensation_currency", "compensation_per", "contacts",
    "role_gender", "role_ages", "role_count", "language",
)  # fmt: skip
HELD = ("contacts", "compensation", "deadline", "shoot_dates", "location_city", "production_company")
_DIGITS_ONLY = re.compile(r"\D")


@dataclass(slots=True)
class Tally:
    """Counts of one field: right, given, wanted; and the calls that went wrong."""

    right: int = 0
    given: int = 0
    wanted: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, right: int, given: int, wanted: int, row_id: str) -> None:
        """Count one call."""
        self.right += right
        self.given += given
        self.wanted += wanted
        if right < given or right < wanted:
            self.wrong.append(row_id)

    def figures(self) -> dict[str, float | int]:
        """precision, recall, f1 and n (items in gold); 1.0 where there was nothing to get wrong."""
        precision = self.right / self.given if self.given else 1.0
        recall = self.right / self.wanted if self.wanted else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return {"precision": precision, "recall": recall, "f1": f1, "n": self.wanted}


@dataclass(slots=True)
class ExtractReport:
    """The figures of a run. `fields` by name; `invented` counts values that nothing in the message supports."""

    fields: dict[str, dict[str, float | int]]
    invented: dict[str, int]
    grounded_share: float
    wrong: dict[str, list[str]]
    not_a_call: list[str]
    by_language: dict[str, dict[str, dict[str, float | int]]] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """What is published. `fields.<name>` and `by_language.<language>.<name>` hold precision, recall, f1 and n;
        `refused` counts calls taken for none; `took` holds median and p95 in ms and the cost of a message in USD.
        """
        return {
            "fields": self.fields,
            "invented": self.invented,
            "grounded_share": self.grounded_share,
            "refused": len(self.not_a_call),
            "by_language": self.by_language,
            "took": self.took,
        }


def evaluate_extract(rows: Iterable[Row], engine: Engine) -> ExtractReport:
    """Run an engine over the labelled casting calls among `rows` and score it. A call taken for none misses all."""
    overall, languages = _Tallies(), defaultdict[str, _Tallies](_Tallies)
    invented = dict.fromkeys(HELD, 0)
    missed: list[str] = []
    readings: list[Extraction] = []
    values = grounded = 0
    for row in rows:
        if row["label"] != "casting_call":
            continue
        result = engine(row["text"], datetime.fromisoformat(row["sent_at"]))
        readings.append(result)
        if result.call is None:
            missed.append(row["id"])
        scores = compare(as_gold(result), row["gold"])
        overall.add(scores, row["id"])
        languages[row.get("lang") or "unknown"].add(scores, row["id"])
        for name, (held, total) in support(result, row["text"]).items():
            invented[name] += total - held
            values += total
            grounded += held
    return ExtractReport(
        overall.figures(),
        invented,
        grounded / values if values else 1.0,
        {name: tally.wrong for name, tally in overall.items()},
        missed,
        {language: tallies.figures() for language, tallies in sorted(languages.items())},
        _took(readings),
    )


class _Tallies(dict[str, Tally]):
    """A tally for every field."""

    def __init__(self) -> None:
        super().__init__({name: Tally() for name in FIELDS})

    def add(self, scores: Mapping[str, tuple[int, int, int]], row_id: str) -> None:
        for name, counts in scores.items():
            self[name].add(*counts, row_id)

    def figures(self) -> dict[str, dict[str, float | int]]:
        return {name: tally.figures() for name, tally in self.items()}


def _took(readings: list[Extraction]) -> dict[str, float]:
    """Latency in ms and cost in USD of a message, as the engine itself gives them."""
    if not readings:
        return {}
    times = sorted(reading.engine.latency_ms for reading in readings)
    cost = sum(reading.engine.cost_usd for reading in readings)
    return {
        "median_ms": round(median(times), 3),
        "p95_ms": round(times[min(len(times) - 1, round(0.95 * (len(times) - 1)))], 3),
        "cost_per_message_usd": cost / len(readings),
    }


def as_gold(result: Extraction) -> dict[str, Any]:
    """An extraction in the form of gold; empty where the engine saw no call."""
    return result.call.model_dump(mode="json") if result.call else {}


def support(result: Extraction, text: str) -> dict[str, tuple[int, int]]:
    """(held, given) for the values that must never be invented: held where evidence stands in the raw text."""
    if result.call is None:
        return {}
    paths: dict[str, list[str]] = defaultdict(list)
    call = result.call
    paths["contacts"] = [f"contacts.{at}" for at in range(len(call.contacts))]
    if call.deadline:
        paths["deadline"].append("deadline")
    if call.shoot_dates:
        paths["shoot_dates"].append("shoot_dates")
    if call.compensation.kind != "unspecified":
        paths["compensation"].append("compensation")
    if call.location_city:
        paths["location_city"].append("location_city")
    if call.production_company:
        paths["production_company"].append("production_company")
    counts = {}
    for name, wanted in paths.items():
        held = sum(1 for path in wanted if _stands(result, path, text))
        counts[name] = (held, len(wanted))
    return counts


def _stands(result: Extraction, path: str, text: str) -> bool:
    """Whether evidence stands in the raw text and, for a contact or a sum, the value itself does."""
    evidence, call = result.evidence.get(path), result.call
    if evidence is None or call is None or not evidence.text or text[evidence.start : evidence.end] != evidence.text:
        return False
    if path == "compensation":
        stated = {number.value for number in find_numbers(fold(text))}
        return all(amount in stated for amount in (call.compensation.amount, call.compensation.amount_max) if amount)
    if path.startswith("contacts."):
        value = call.contacts[int(path.removeprefix("contacts."))].value
        if value.startswith("+"):
            words = fold_text(evidence.text)
            return value[-7:] in _DIGITS_ONLY.sub("", words) or value[-7:] in spoken_digits(words)
        return fold_text(value.removeprefix("https://")) in fold_text(evidence.text)
    return True
