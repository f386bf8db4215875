"""How good the filter is on labelled messages: rows in, figures out (for `twin eval --stage filter`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from shared.arabic.fingerprint import fingerprint
from shared.contracts.pipeline import Verdict
from shared.errors import Malformed

CALL = "casting_call"
LABELS = frozenset({CALL, "other"})
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled message of a corpus. `duplicate_of` is the id of the row whose call it repeats."""

    id: str
    text: str
    is_call: bool
    kind: str = "unknown"
    language: str = "unknown"
    hard: bool = False
    duplicate_of: str | None = None
    sent_at: datetime | None = None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Row:
        """A row from a line of a corpus. Malformed where id, text or label is missing or wrong."""
        name, text, label = value.get("id"), value.get("text"), value.get("label")
        if not isinstance(name, str) or not isinstance(text, str) or label not in LABELS:
            raise Malformed(f"row {name!r}: needs an id, a text and a label of {sorted(LABELS)}, has {label!r}")
        return cls(
            id=name,
            text=text,
            is_call=label == CALL,
            kind=str(value.get("kind") or "unknown"),
            language=str(value.get("lang") or "unknown"),
            hard=bool(value.get("hard")),
            duplicate_of=value.get("near_duplicate_of"),
            sent_at=_time(name, value.get("sent_at")),
        )


Same = Callable[[Row, Row], bool]
"""Whether two messages (the second posted later) are the same call for the extractor, so that one reading serves."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with what the filter said about it."""

    row: Row
    verdict: Verdict

    @property
    def wrong(self) -> bool:
        """Whether a call was stopped or noise passed."""
        return self.row.is_call != self.verdict.passed


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1; None where there is nothing to take a share of (recall where no call is)."""

    recall: float | None
    precision: float | None
    false_positive_rate: float | None
    f1: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures over all rows, over the hard ones, and by kind and language."""

    overall: Figures
    hard: Figures
    by_kind: dict[str, Figures]
    by_language: dict[str, Figures]
    model_calls_per_unique_call: float | None
    judged: tuple[Judged, ...]

    @property
    def wrong(self) -> tuple[Judged, ...]:
        """What was decided wrongly: missed calls first, each group with the worst first."""
        wrong = [judged for judged in self.judged if judged.wrong]
        return tuple(sorted(wrong, key=lambda judged: (not judged.row.is_call, -abs(judged.verdict.score))))

    def as_json(self) -> dict[str, Any]:
        """The figures as plain values, without the rows."""
        return {
            "overall": asdict(self.overall),
            "hard": asdict(self.hard),
            "by_kind": {name: asdict(figures) for name, figures in self.by_kind.items()},
            "by_language": {name: asdict(figures) for name, figures in self.by_language.items()},
            "model_calls_per_unique_call": self.model_calls_per_unique_call,
        }


def evaluate(rows: Iterable[Row], judge: Callable[[str], Verdict], *, same: Same | None = None) -> Evaluation:
    """The figures of `judge` on these rows. `same` says which near-duplicates cost no reading of their own."""
    return evaluated([(row, judge(row.text)) for row in rows], same=same)


def evaluated(verdicts: Iterable[tuple[Row, Verdict]], *, same: Same | None = None) -> Evaluation:
    """The figures of these verdicts."""
    judged = tuple(Judged(row, verdict) for row, verdict in verdicts)
    return Evaluation(
        overall=figures(judged),
        hard=figures([one for one in judged if one.row.hard]),
        by_kind=_by(judged, lambda row: row.kind),
        by_language=_by(judged, lambda row: row.language),
        model_calls_per_unique_call=_model_calls(judged, same),
        judged=judged,
    )


def figures(judged: Sequence[Judged]) -> Figures:
    """Recall, precision, false-positive rate and F1 of a group of rows."""
    calls = sum(one.row.is_call for one in judged)
    passed = sum(one.verdict.passed for one in judged)
    found = sum(one.row.is_call and one.verdict.passed for one in judged)
    return Figures(
        recall=_share(found, calls),
        precision=_share(found, passed),
        false_positive_rate=_share(passed - found, len(judged) - calls),
        f1=_share(2 * found, calls + passed),
        n=len(judged),
    )


def _by(judged: Sequence[Judged], group_of: Callable[[Row], str]) -> dict[str, Figures]:
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(group_of(one.row), []).append(one)
    return {name: figures(groups[name]) for name in sorted(groups)}


def _model_calls(judged: Sequence[Judged], same: Same | None) -> float | None:
    """Messages that the extractor reads, per different call that is there.

    Exact copies are sightings and are read once; so are those that `same` finds to be an earlier one's call again.
    """
    read: dict[str, Row] = {}
    passed = [one.row for one in judged if one.verdict.passed]
    for row in sorted(passed, key=lambda row: row.sent_at or _LONG_AGO) if same else passed:
        name = fingerprint(row.text)
        if name not in read and not (same and any(same(earlier, row) for earlier in read.values())):
            read[name] = row
    return _share(len(read), sum(one.row.is_call and one.row.duplicate_of is None for one in judged))


def _time(name: str, value: Any) -> datetime | None:
    """An ISO time with its zone, or None where a row has none. Malformed for anything else."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Malformed(f"row {name!r}: sent_at {value!r} is no time") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
