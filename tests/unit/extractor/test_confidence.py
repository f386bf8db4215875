"""How far a value can be trusted: by its words and by the other reader, never by the model's own word."""

from __future__ import annotations

from datetime import date

from services.extractor.confidence import confidence
from shared.contracts.calls import CastingCall, Contact, ContactKind, Evidence, Role, Support

VERBATIM = Evidence(start=0, end=1, text="x")
NORMALISED = Evidence(start=0, end=1, text="x", support=Support.NORMALISED)
RULE = Evidence(start=0, end=1, text="x", support=Support.DERIVED, rule="tomorrow")
OWN = Evidence(start=0, end=1, text="x", support=Support.DERIVED, rule="model_wording")
CALL = CastingCall(
    title="t",
    deadline=date(2026, 9, 5),
    roles=(Role(name="a", age_min=20, age_max=30),),
    contacts=(Contact(kind=ContactKind.PHONE, value="+966500000172"),),
)
OTHER = CALL.model_copy(update={"deadline": date(2026, 9, 6)})


def of(path: str, place: Evidence, other: CastingCall | None, disagree: tuple[str, ...] = ()) -> float:
    return confidence(CALL, {path: place}, other, disagree=disagree)[path]


def test_agreement_raises_and_disagreement_lowers() -> None:
    for place in (VERBATIM, NORMALISED, RULE, OWN):
        agreed, alone = of("deadline", place, CALL), of("deadline", place, None)
        differing = of("deadline", place, OTHER, ("deadline",))
        assert 1 > agreed > alone > differing > 0


def test_firmer_words_are_trusted_more() -> None:
    values = [of("deadline", place, None) for place in (VERBATIM, NORMALISED, RULE, OWN)]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 4


def test_a_role_of_which_no_word_stands_there_is_hardly_trusted() -> None:
    assert confidence(CALL, {"deadline": RULE}, None) == {"deadline": 0.70, "roles.0": 0.20}


def test_a_field_that_lost_a_part_is_trusted_half_at_most() -> None:
    assert confidence(CALL, {"deadline": VERBATIM}, CALL, unsupported=["deadline"])["deadline"] == 0.5
    assert (
        confidence(CALL, {"deadline": OWN}, OTHER, disagree=["deadline"], unsupported=["deadline"])["deadline"] == 0.25
    )


def test_a_contact_and_a_role_are_compared_one_by_one() -> None:
    assert of("contacts.0", VERBATIM, CALL) > of("contacts.0", VERBATIM, CastingCall(title="t"))
    assert of("roles.0", VERBATIM, CALL) > of("roles.0", VERBATIM, CastingCall(title="t"))
