"""Of two reviewers the slower one: what they had not touched stands as the quicker one left it."""

from __future__ import annotations

from services.publisher.differences import changes, untouched
from services.publisher.web.forms import draft_of, fields_of, with_theirs
from services.publisher.web.present import differences
from services.publisher.web.words import Words
from shared.contracts.calls import CastingCall
from shared.storage.calls import FieldChange

BEGUN = CastingCall.model_validate(
    {
        "title": "ممثل لفيلم",
        "location_city": "Riyadh",
        "compensation": {"kind": "paid", "amount": 2000},
        "roles": [{"name": "أب", "age_min": 40}, {"name": "ابن", "age_min": 20}],
    }
)


def changed(call: CastingCall, **values: object) -> CastingCall:
    return CastingCall.model_validate(call.model_dump(mode="json") | values)


def test_only_what_was_left_as_it_was_is_untouched() -> None:
    mine = changed(BEGUN, title="عنواني")
    theirs = changed(BEGUN, title="عنوانهم", location_city="Jeddah", compensation={"kind": "paid", "amount": 2500})
    assert untouched(changes(BEGUN, theirs), mine) == {"location_city", "compensation.amount"}


def test_a_field_that_was_empty_and_was_left_empty_is_untouched() -> None:
    theirs = changed(BEGUN, deadline="2026-12-05")
    assert untouched(changes(BEGUN, theirs), changed(BEGUN, title="عنواني")) == {"deadline"}


def test_of_two_changes_by_others_the_first_says_what_stood_there() -> None:
    since = (
        FieldChange(path="location_city", before="Riyadh", after="Jeddah"),
        FieldChange(path="location_city", before="Jeddah", after="Dammam"),
    )
    assert untouched(since, BEGUN) == {"location_city"}
    assert untouched(since, changed(BEGUN, location_city="Jeddah")) == frozenset()


def test_rows_are_never_taken_for_untouched() -> None:
    theirs = changed(BEGUN, roles=[{"name": "أب", "age_min": 45}, {"name": "ابن", "age_min": 20}])
    assert untouched(changes(BEGUN, theirs), BEGUN) == frozenset()


def test_a_draft_takes_over_only_the_named_fields() -> None:
    theirs = changed(BEGUN, title="عنوانهم", location_city="Jeddah", shoot_dates={"start": "2026-12-10"})
    draft = with_theirs(draft_of(changed(BEGUN, title="عنواني")), theirs, {"location_city", "shoot_dates.start"})
    joined, problems = fields_of(draft)
    assert problems == []
    assert joined == changed(theirs, title="عنواني")


def test_amounts_that_differ_are_written_as_amounts() -> None:
    theirs = changed(BEGUN, compensation={"kind": "paid", "amount": "2500.5", "amount_max": 100_000})
    found = {item.path: (item.before, item.after) for item in differences(Words("ar"), changes(BEGUN, theirs))}
    assert found == {"compensation.amount": ("2,000", "2,500.5"), "compensation.amount_max": ("", "100,000")}
