"""How well an engine extracts: precision, recall and F1 by field against gold, and what it invented. Pure.

Values are compared after normalisation. A field is one item a call (contacts and roles: several); null against null is
no item. Roles are aligned before scoring so that most of them fit; a gold gender of null fits any answer of "any" and
none; a count of null is 1.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.arabic.digits import find_numbers
from shared.arabic.normalise import fold, fold_text
from shared.contracts.pipeline import Extraction

Engine = Callable[[str, datetime], Extraction]
Row = Mapping[str, Any]

FIELDS = (
    "title", "project_type", "production_company", "location_city", "country", "deadline", "shoot_dates",
    "compensation_kind", "compensation_amount", "compensation_currency", "compensation_per", "contacts",
    "role_gender", "role_ages",
)  # fmt: skip
_WORD = re.compile(r"\w+")
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

    def as_json(self) -> dict[str, Any]:
        """The part that is published: fields, invented, grounded_share."""
        return {"fields": self.fields, "invented": self.invented, "grounded_share": self.grounded_share}


def evaluate_extract(rows: Iterable[Row], engine: Engine) -> ExtractReport:
    """Run an engine over the labelled casting calls among `rows` and score it. A call taken for none misses all."""
    tallies = {name: Tally() for name in FIELDS}
    invented: dict[str, int] = {"contacts": 0, "compensation": 0, "deadline": 0, "shoot_dates": 0}
    missed: list[str] = []
    values = grounded = 0
    for row in rows:
        if row["label"] != "casting_call":
            continue
        result = engine(row["text"], datetime.fromisoformat(row["sent_at"]))
        if result.call is None:
            missed.append(row["id"])
        given = as_gold(result)
        for name, (right, got, wanted) in compare(given, row["gold"]).items():
            tallies[name].add(right, got, wanted, row["id"])
        for name, (held, total) in support(result, row["text"]).items():
            invented[name] += total - held
            values += total
            grounded += held
    return ExtractReport(
        {name: tally.figures() for name, tally in tallies.items()},
        invented,
        grounded / values if values else 1.0,
        {name: tally.wrong for name, tally in tallies.items()},
        missed,
    )


def as_gold(result: Extraction) -> dict[str, Any]:
    """An extraction in the form of gold; empty where the engine saw no call."""
    return result.call.model_dump(mode="json") if result.call else {}


def compare(given: Mapping[str, Any], gold: Mapping[str, Any]) -> dict[str, tuple[int, int, int]]:
    """(right, given, wanted) for every field of one call."""
    pay, gold_pay = given.get("compensation") or {}, gold.get("compensation") or {}
    scores = {
        name: _one(given.get(name), gold.get(name))
        for name in ("project_type", "location_city", "country", "deadline", "shoot_dates")
    }
    scores["title"] = _loose(given.get("title"), gold.get("title"))
    scores["production_company"] = _loose(given.get("production_company"), gold.get("production_company"))
    scores["compensation_kind"] = _one(pay.get("kind"), gold_pay.get("kind"))
    scores["compensation_amount"] = _one(_sums(pay), _sums(gold_pay))
    scores["compensation_currency"] = _one(pay.get("currency"), gold_pay.get("currency"))
    scores["compensation_per"] = _one(pay.get("per"), gold_pay.get("per"))
    scores["contacts"] = _several(given.get("contacts") or [], gold.get("contacts") or [])
    scores["role_gender"], scores["role_ages"] = _roles(list(given.get("roles") or []), list(gold.get("roles") or []))
    return scores


def _one(given: Any, wanted: Any) -> tuple[int, int, int]:
    if isinstance(given, dict) and not any(given.values()):
        given = None
    if isinstance(wanted, dict) and not any(wanted.values()):
        wanted = None
    right = given is not None and wanted is not None and given == wanted
    return int(right), int(given is not None), int(wanted is not None)


def _sums(pay: Mapping[str, Any]) -> tuple[float, float] | None:
    """The lowest and the highest sum."""
    low = pay.get("amount")
    return None if low is None else (float(low), float(pay.get("amount_max") or low))


def _loose(given: str | None, wanted: str | None) -> tuple[int, int, int]:
    """Right where at least half of the words of the shorter are in the other."""
    right = 0
    if given and wanted:
        ours, theirs = _words(given), _words(wanted)
        shared = len(ours & theirs)
        right = int(shared > 0 and shared >= 0.5 * min(len(ours), len(theirs)))
    return right, int(bool(given)), int(bool(wanted))


def _words(text: str) -> set[str]:
    """Folded words without what Arabic joins in front of them."""
    return {re.sub(r"^(?:وال|بال|لل|ال)(?=\w{3})", "", word) for word in _WORD.findall(fold_text(text))}


def _several(given: list[Mapping[str, Any]], wanted: list[Mapping[str, Any]]) -> tuple[int, int, int]:
    ours = {(one["kind"], str(one["value"]).lower().rstrip("/")) for one in given}
    theirs = {(one["kind"], str(one["value"]).lower().rstrip("/")) for one in wanted}
    return len(ours & theirs), len(ours), len(theirs)


def _roles(
    given: list[Mapping[str, Any]], wanted: list[Mapping[str, Any]]
) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Gender and ages over aligned roles; a role without a partner is given or wanted in vain."""
    pairs = align(given, wanted)
    genders = [0, 0, 0]
    ages = [0, 0, 0]
    for ours, theirs in pairs:
        gender, gold_gender = _gender(ours), _gender(theirs)
        _count(genders, gender, gold_gender)
        _count(ages, _ages(ours), _ages(theirs))
    return (genders[0], genders[1], genders[2]), (ages[0], ages[1], ages[2])


def _count(tally: list[int], given: Any, wanted: Any) -> None:
    tally[0] += int(given is not None and given == wanted)
    tally[1] += int(given is not None)
    tally[2] += int(wanted is not None)


def _gender(role: Mapping[str, Any] | None) -> str | None:
    """The gender of a role; null and "any" are one answer, and no role is none."""
    return None if role is None else role.get("gender") or "any"


def _ages(role: Mapping[str, Any] | None) -> tuple[int | None, int | None] | None:
    if role is None or (role.get("age_min") is None and role.get("age_max") is None):
        return None
    return role.get("age_min"), role.get("age_max")


def align(
    given: list[Mapping[str, Any]], wanted: list[Mapping[str, Any]]
) -> list[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]]:
    """Pairs of roles, the best-fitting first: by words of the name, ages, gender, then by order."""
    costs = sorted(
        (-_likeness(ours, theirs) + abs(at - to) * 0.05, at, to)
        for at, ours in enumerate(given)
        for to, theirs in enumerate(wanted)
    )
    free_given, free_wanted = set(range(len(given))), set(range(len(wanted)))
    pairs: list[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]] = []
    for _, at, to in costs:
        if at in free_given and to in free_wanted:
            free_given.discard(at)
            free_wanted.discard(to)
            pairs.append((given[at], wanted[to]))
    return pairs + [(given[at], None) for at in free_given] + [(None, wanted[to]) for to in free_wanted]


def _likeness(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> float:
    names, others = _words(str(ours.get("name") or "")), _words(str(theirs.get("name") or ""))
    shared = len(names & others) / max(1, min(len(names), len(others)))
    return 2 * shared + 2 * (_ages(ours) == _ages(theirs)) + (_gender(ours) == _gender(theirs))


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
            return value[-7:] in _DIGITS_ONLY.sub("", fold_text(evidence.text))
        return fold_text(value.removeprefix("https://")) in fold_text(evidence.text)
    return True
