"""Of two reviewers the slower one: what they had not touched stands as the quicker one left it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.publisher.differences import changes
from services.publisher.web.conflicts import clashes, draft_before, joined, with_theirs
from services.publisher.web.forms import draft_of, fields_of
from services.publisher.web.present import differences
from services.publisher.web.words import Words
from shared.contracts.calls import CastingCall
from shared.storage.calls import FieldChange

WORDS = Words("en")
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


def kept(theirs: CastingCall, mine: CastingCall, since: Sequence[FieldChange] | None = None) -> CastingCall:
    """What a form begun at `BEGUN` becomes."""
    before = draft_before(theirs, changes(BEGUN, theirs) if since is None else since)
    assert since is not None or before == draft_of(BEGUN)
    fields, problems = fields_of(joined(before, draft_of(theirs), draft_of(mine)))
    assert problems == []
    assert fields is not None
    return fields


def roles(*names: str) -> list[dict[str, object]]:
    return [{"name": name} for name in names]


def test_what_was_left_as_it_was_stands_as_the_others_have_it() -> None:
    mine = changed(BEGUN, title="عنواني")
    theirs = changed(
        BEGUN,
        title="عنوانهم",
        location_city="Jeddah",
        compensation={"kind": "paid", "amount": 2500},
        shoot_dates={"start": "2026-12-10"},
    )
    assert kept(theirs, mine) == changed(theirs, title="عنواني")


def test_a_field_that_was_empty_and_was_left_empty_is_taken_over() -> None:
    theirs = changed(BEGUN, deadline="2026-12-05")
    assert kept(theirs, changed(BEGUN, title="عنواني")) == changed(theirs, title="عنواني")


def test_of_several_changes_by_others_the_first_says_what_stood_there() -> None:
    since = (
        FieldChange(path="location_city", before="Riyadh", after="Jeddah"),
        FieldChange(path="location_city", before="Jeddah", after="Dammam"),
    )
    theirs = changed(BEGUN, location_city="Dammam")
    assert kept(theirs, BEGUN, since).location_city == "Dammam"
    assert kept(theirs, changed(BEGUN, location_city="Jeddah"), since).location_city == "Jeddah"


@pytest.mark.parametrize(
    ("before", "theirs", "mine", "both"),
    [
        ("أب أم", "أب جدة", "أب أم", "أب جدة"),
        ("أب أم", "أب جدة", "جد أم", "جد جدة"),
        ("أب أم ابن", "أب ابن", "جد أم ابن", "جد ابن"),
        ("أب أم", "أم", "أب أم ابن", "أم ابن"),
        ("أب", "أب أم", "جد", "جد أم"),
        ("أب أم", "", "أب أم", ""),
        ("", "أب", "", "أب"),
    ],
)
def test_rows_that_one_alone_has_changed_are_as_that_one_has_them(
    before: str, theirs: str, mine: str, both: str
) -> None:
    begun, other, own = (draft_of(changed(BEGUN, roles=roles(*text.split()))) for text in (before, theirs, mine))
    assert [row["name"] for row in joined(begun, other, own)["roles"]] == both.split()


@pytest.mark.parametrize(
    ("before", "theirs", "mine"),
    [
        ("أب أم", "جد أم", "عم أم"),
        ("أب أم ابن", "أب أم", "أم ابن"),
        ("أب", "أب أم", "أب ابن"),
        ("أب أم", "أم", "جد أم"),
    ],
)
def test_rows_that_both_have_changed_stay_as_they_were_typed(before: str, theirs: str, mine: str) -> None:
    begun, other, own = (draft_of(changed(BEGUN, roles=roles(*text.split()))) for text in (before, theirs, mine))
    assert joined(begun, other, own)["roles"] == own["roles"]


def test_what_clashes_is_told_field_by_field_and_rows_as_a_whole_where_their_number_differs() -> None:
    theirs = changed(
        BEGUN, title="عنوانهم", roles=[{"name": "أب", "age_min": 40}, {"name": "جد", "count": 2}, {"name": "عم"}]
    )
    mine = changed(BEGUN, deadline="2026-12-05", contacts=[{"kind": "phone", "value": "+966500000172"}])
    found = {
        clash.key: [(line.name, line.before, line.after) for line in clash.lines]
        for clash in clashes(WORDS, theirs, mine)
    }
    assert found == {
        "title": [("Title", "عنوانهم", "ممثل لفيلم")],
        "roles": [("Role", "جد ×2", ""), ("Role", "عم", ""), ("Role", "", "ابن, 20 years and above")],
        "deadline": [("Apply until", "", "5 December 2026")],
        "contacts": [("Contact", "", "Phone +966500000172")],
    }
    theirs = changed(BEGUN, roles=[{"name": "أب", "age_min": 45}, {"name": "ابن", "age_min": 20}])
    [clash] = clashes(WORDS, theirs, BEGUN)
    assert [(line.name, line.before, line.after) for line in clash.lines] == [("Role 1: Age from", "45", "40")]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("roles", {"roles"}),
        ("compensation", {"compensation"}),
        ("shoot_dates", {"shoot_dates"}),
        ("title", {"title"}),
        ("all", {"title", "roles", "compensation", "shoot_dates"}),
        ("nothing", set()),
    ],
)
def test_what_is_taken_from_the_other_is_taken_whole(key: str, values: set[str]) -> None:
    theirs = changed(
        BEGUN,
        title="عنوانهم",
        roles=roles("جد"),
        compensation={"kind": "paid", "amount": 9, "currency": "SAR"},
        shoot_dates={"start": "2026-12-10", "end": "2026-12-12"},
    )
    fields, _problems = fields_of(with_theirs(draft_of(BEGUN), theirs, key))
    assert fields == changed(BEGUN, **{name: theirs.model_dump(mode="json")[name] for name in values})


def test_amounts_that_differ_are_written_as_amounts() -> None:
    theirs = changed(BEGUN, compensation={"kind": "paid", "amount": "2500.5", "amount_max": 100_000})
    found = {item.path: (item.before, item.after) for item in differences(Words("ar"), changes(BEGUN, theirs))}
    assert found == {"compensation.amount": ("2,000", "2,500.5"), "compensation.amount_max": ("", "100,000")}
