"""How far each value can be trusted: by how the message holds it and by whether the parsers read the same. Pure.

Nothing of it comes from what a model says of itself. The figures order the fields for a reviewer; they are judgements,
not measured shares, and stand here so that they can be replaced by measured ones:

| the message holds it | parsers agree | parsers silent or not comparable | parsers differ |
|---|---|---|---|
| verbatim | 0.98 | 0.85 | 0.50 |
| in another spelling | 0.97 | 0.80 | 0.45 |
| derived by a rule | 0.95 | 0.70 | 0.35 |
| words are there, the value is the model's own | 0.90 | 0.55 | 0.25 |
| none of its words are there (the name of a role) | 0.20 | 0.20 | 0.20 |

Two readers that err independently seldom err alike, so agreement weighs most; a value that only the model gives is as
good as its words; where both give one and they differ, one of them is wrong. A field of which the message did not hold
a part is trusted half at most.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from shared.contracts.calls import CastingCall, Evidence, Support

_TABLE = {
    Support.VERBATIM: (0.98, 0.85, 0.50),
    Support.NORMALISED: (0.97, 0.80, 0.45),
    Support.DERIVED: (0.95, 0.70, 0.35),
}
_NO_WORDS, _HALF = 0.20, 0.50
_OWN_WORDS = (0.90, 0.55, 0.25)
_MODELS = frozenset(("model_wording", "part_of_the_name", "transliteration", "time_in_words", "day_of_the_month"))
"""Rules that only say that words are there: what they mean was the model's to decide."""


def confidence(
    call: CastingCall,
    evidence: Mapping[str, Evidence],
    other: CastingCall | None,
    *,
    disagree: Collection[str] = (),
    unsupported: Collection[str] = (),
) -> dict[str, float]:
    """Field path → 0 to 1, for every value with evidence and every role.

    `disagree` are the fields that the parsers read otherwise, `unsupported` those that lost a part.
    """
    found = {f"roles.{at}": _NO_WORDS for at in range(len(call.roles))}
    for path, place in evidence.items():
        value = _of(path, place, call, other, disagree)
        found[path] = min(value, _HALF) if path in unsupported else value
    return found


def _of(path: str, place: Evidence, call: CastingCall, other: CastingCall | None, disagree: Collection[str]) -> float:
    row = _OWN_WORDS if place.rule in _MODELS else _TABLE[place.support]
    if _agree(path, call, other):
        return row[0]
    return row[2] if path in disagree else row[1]


def _agree(path: str, call: CastingCall, other: CastingCall | None) -> bool:
    """Whether the parsers read the same value."""
    if other is None:
        return False
    field, _, at = path.partition(".")
    if field == "contacts":
        return call.contacts[int(at)].value in {contact.value for contact in other.contacts}
    if field == "roles":
        mine = call.roles[int(at)]
        return any((role.gender, role.age_min, role.age_max) == (mine.gender, mine.age_min, mine.age_max)
                   for role in other.roles)  # fmt: skip
    return bool(getattr(call, field) == getattr(other, field))
