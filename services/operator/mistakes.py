"""What an evaluation got wrong, one line each: who, what was said, what gold says, and the message's first words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.operator import evaluate_extract
from services.operator.answers import table
from services.operator.evaluate_filter import CALL
from shared.contracts.pipeline import Extraction

if TYPE_CHECKING:
    from services.operator import evaluate_duplicates, evaluate_filter, evaluate_model

_EXCERPT = 90
_SHOWN = 60  # characters of a value


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong answer. `excerpt` is one line of what was posted."""

    id: str
    said: str
    gold: str
    excerpt: str


def of_filter(evaluation: evaluate_filter.Evaluation) -> list[Mistake]:
    """Missed calls first, the surest mistakes first."""
    return [
        Mistake(
            one.row.id,
            f"{'call' if one.verdict.passed else 'noise'} ({one.verdict.rule} {one.verdict.score:+.2f}"
            f"{': ' if one.verdict.reasons else ''}{' '.join(one.verdict.reasons)})",
            f"{'call' if one.row.is_call else 'noise'} ({one.row.kind})",
            excerpt(one.row.text),
        )
        for one in evaluation.wrong
    ]


def of_duplicates(report: evaluate_duplicates.Report) -> list[Mistake]:
    """Wrong merges first."""
    return [
        Mistake(
            one.pair.id,
            f"{one.compared.verdict} ({one.compared.reason})",
            f"{one.pair.verdict}{' ' + ','.join(one.pair.conflicts) if one.pair.conflicts else ''}",
            f"{excerpt(one.pair.first.text, _EXCERPT // 2)} | {excerpt(one.pair.second.text, _EXCERPT // 2)}",
        )
        for one in report.wrong
    ]


def of_extract(
    rows: Iterable[evaluate_extract.Row], readings: Callable[[str, datetime], Extraction | None]
) -> list[Mistake]:
    """The calls with the most wrong fields first. `readings` gives what was read of a message in the evaluation."""
    found = []
    for row in rows:
        if row["label"] != CALL:
            continue
        reading = readings(row["text"], datetime.fromisoformat(row["sent_at"]))
        if reading is None:
            continue
        given = evaluate_extract.as_gold(reading)
        scores = evaluate_extract.compare(given, row["gold"])
        wrong = [name for name, (right, got, wanted) in scores.items() if right < max(got, wanted)]
        if wrong:
            found.append((len(wrong), _extract_mistake(row, given, wrong)))
    return [mistake for _, mistake in sorted(found, key=lambda item: (-item[0], item[1].id))]


def of_model(rows: Iterable[evaluate_extract.Row], report: evaluate_model.ModelReport) -> list[Mistake]:
    """What was planted and came through, then true values that were lost, then wrong fields by message."""
    texts = {str(row["id"]): row["text"] for row in rows}
    found = [
        Mistake(id, f"{kind} {value}, which was planted", "not in the message", excerpt(texts[id]))
        for id, kind, value in report.escaped
    ]
    found += [
        Mistake(loss[0], f"{loss[1]} dropped", excerpt(str(loss[2]), _SHOWN), excerpt(texts[loss[0]]))
        for loss in report.lost
    ]
    wrong: dict[str, list[str]] = {}
    for name, ids in report.report.wrong.items():
        for id in ids:
            wrong.setdefault(id, []).append(name)
    worst = sorted(wrong, key=lambda name: (-len(wrong[name]), name))
    return found + [Mistake(id, "wrong: " + ", ".join(wrong[id]), "other values", excerpt(texts[id])) for id in worst]


def _extract_mistake(row: evaluate_extract.Row, given: Mapping[str, Any], wrong: Sequence[str]) -> Mistake:
    def told(values: Mapping[str, Any]) -> str:
        return "; ".join(f"{name}: {_value(values, name)}" for name in wrong)

    said = told(given) if given else "no casting call"
    return Mistake(row["id"], said, told(row["gold"]), excerpt(row["text"]))


def _value(values: Mapping[str, Any], field: str) -> str:
    """The value of one of the evaluation's fields, short."""
    found: Any
    if field.startswith("compensation_"):
        found = (values.get("compensation") or {}).get(field.removeprefix("compensation_"))
    elif field == "role_gender":
        found = [role.get("gender") for role in values.get("roles") or ()]
    elif field == "role_count":
        found = [role.get("count") or 1 for role in values.get("roles") or ()]
    elif field == "role_ages":
        found = [f"{role.get('age_min')}-{role.get('age_max')}" for role in values.get("roles") or ()]
    elif field == "contacts":
        found = [f"{contact['kind']} {contact['value']}" for contact in values.get("contacts") or ()]
    else:
        found = values.get(field)
    if isinstance(found, Mapping):
        found = [found.get("start"), found.get("end")]
    shown = " ".join(map(str, found)) if isinstance(found, list) else "" if found is None else str(found)
    return excerpt(shown, _SHOWN) or "nothing"


def excerpt(text: str, length: int = _EXCERPT) -> str:
    """The beginning of a text on one line."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def lines(mistakes: Sequence[Mistake], number: int) -> list[str]:
    """The worst of them, in blocks for a terminal."""
    if not mistakes:
        return ["nothing wrong"]
    shown = [f"{min(number, len(mistakes))} of {len(mistakes)} mistakes, the worst first"]
    for mistake in mistakes[:number]:
        rows = (("said", mistake.said), ("gold", mistake.gold), ("text", mistake.excerpt))
        shown += ["", mistake.id, *(f"  {line}" for line in table(("", ""), rows)[1:])]
    return shown
