"""One extracted call against its gold, field by field: what is right, given and wanted. Pure.

Values are compared after normalisation, title and company loosely by shared words. A field is one item a call
(contacts and roles: several); null against null is no item. Roles are aligned before scoring so that most of them fit;
a gender of null and "any" are one answer; a count of null is 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from shared.arabic.normalise import fold_text

_WORD = re.compile(r"\w+")


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
    scores["language"] = _one(given.get("language"), gold.get("language"))
    pairs = align(list(given.get("roles") or []), list(gold.get("roles") or []))
    scores["role_gender"] = _over(pairs, _gender)
    scores["role_ages"] = _over(pairs, _ages)
    scores["role_count"] = _over(pairs, _how_many)
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


def _over(
    pairs: list[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]],
    value: Callable[[Mapping[str, Any] | None], Any],
) -> tuple[int, int, int]:
    """One value of aligned roles; a role without a partner is given or wanted in vain."""
    right = given = wanted = 0
    for ours, theirs in pairs:
        mine, gold = value(ours), value(theirs)
        right += int(mine is not None and mine == gold)
        given += int(mine is not None)
        wanted += int(gold is not None)
    return right, given, wanted


def _gender(role: Mapping[str, Any] | None) -> str | None:
    """The gender of a role; null and "any" are one answer, and no role is none."""
    return None if role is None else role.get("gender") or "any"


def _how_many(role: Mapping[str, Any] | None) -> int | None:
    """How many a role seeks; unsaid is one, and no role is none."""
    return None if role is None else int(role.get("count") or 1)


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
