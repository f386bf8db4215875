"""The publisher's pure parts: differences, drafts, what is shown, the words."""

from __future__ import annotations

import json
import re
import string
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.publisher import web
from services.publisher.differences import changes
from services.publisher.web.entrance import inside
from services.publisher.web.forms import draft_of, fields_of, read_draft
from services.publisher.web.pages import render  # noqa: F401 (compiles the templates' environment)
from services.publisher.web.present import (
    differences,
    field_name,
    flag_detail,
    href_of,
    isolated,
    marks,
    pay_text,
    shown,
)
from services.publisher.web.problems import problems_in
from services.publisher.web.words import LANGUAGES, Words, table
from shared.contracts.calls import CastingCall, Compensation, Contact, ContactKind, Evidence, Role, Support

WEB = Path(web.__file__).parent
CALL = CastingCall.model_validate(
    {
        "title": "إعلان اتصالات",
        "project_type": "commercial",
        "location_city": "Riyadh",
        "country": "SA",
        "roles": [
            {"name": "شاب", "gender": "male", "age_min": 22, "age_max": 28, "requirements": ["رياضي", "يقود"]},
            {"name": "أب"},
        ],
        "deadline": "2026-12-05",
        "shoot_dates": {"start": "2026-12-10", "end": "2026-12-11"},
        "compensation": {"kind": "paid", "amount": 1200, "amount_max": "1500.5", "currency": "SAR", "per": "day"},
        "contacts": [{"kind": "whatsapp", "value": "+966500000172"}, {"kind": "email", "value": "a@example.com"}],
        "language": "mixed",
    }
)


def form_items(call: CastingCall) -> list[tuple[str, str]]:
    """What a browser sends for an untouched form."""
    draft = draft_of(call)
    items = [(name, value) for name, value in draft.items() if isinstance(value, str)]
    for kind in ("roles", "contacts"):
        for at, row in enumerate(draft[kind]):
            items += [(f"{kind}-{at}-{name}", value.replace("\n", "\r\n")) for name, value in row.items()]
    return items


def test_an_untouched_form_gives_the_same_fields() -> None:
    fields, problems = fields_of(read_draft(form_items(CALL)))
    assert problems == []
    assert fields == CALL


def test_an_empty_form_gives_an_almost_empty_call() -> None:
    minimal = CastingCall(title="x")
    assert fields_of(read_draft(form_items(minimal))) == (minimal, [])


def test_rows_keep_their_order_and_empty_ones_are_gone() -> None:
    items = [
        ("title", "t"),
        ("roles-501-name", "c"),
        ("roles-0-name", "a"),
        ("roles-3-name", " "),
        ("roles-7-name", "b"),
        ("contacts-0-kind", "phone"),
        ("contacts-0-value", ""),
        ("roles-x-name", "no"),
        ("roles-1-hack", "no"),
    ]
    fields, problems = fields_of(read_draft(items))
    assert fields is not None, problems
    assert [role.name for role in fields.roles] == ["a", "b", "c"]
    assert fields.contacts == ()


def test_numbers_of_an_arabic_keyboard_are_numbers() -> None:
    items = [
        ("title", "t"),
        ("roles-0-name", "أب"),
        ("roles-0-age_min", "٤٠"),
        ("compensation-kind", "paid"),
        ("compensation-amount", "١٬٥٠٠"),
        ("compensation-currency", "sar"),
    ]
    fields, problems = fields_of(read_draft(items))
    assert fields is not None, problems
    assert fields.roles[0].age_min == 40
    assert fields.compensation == Compensation.model_validate({"kind": "paid", "amount": 1500, "currency": "SAR"})


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "title",
                    "roles-0-name",
                    "roles-0-age_min",
                    "contacts-1-value",
                    "deadline",
                    "compensation-amount",
                    "country",
                    "shoot_dates-start",
                ]
            ),
            st.text(),
        )
    )
)
def test_whatever_is_typed_is_either_a_call_or_named_problems(items: list[tuple[str, str]]) -> None:
    fields, problems = fields_of(read_draft(items))
    assert (fields is None) == bool(problems)


def test_each_problem_of_the_contract_is_said_in_both_languages() -> None:
    wrong = [
        {"title": ""},
        {"title": "x" * 301},
        {},
        {"title": "x", "deadline": "soon"},
        {"title": "x", "country": "sa1"},
        {"title": "x", "roles": [{"name": "a", "age_min": 9, "age_max": 3}]},
        {"title": "x", "roles": [{"name": "a", "age_min": "old"}]},
        {"title": "x", "roles": [{"name": "a", "age_min": 200}]},
        {"title": "x", "roles": [{"name": "a", "count": 0}]},
        {"title": "x", "roles": [{"name": "a"}] * 61},
        {"title": "x", "project_type": "opera"},
        {"title": "x", "language": "fr"},
        {"title": "x", "shoot_dates": {"start": "2026-02-02", "end": "2026-01-01"}},
        {"title": "x", "shoot_dates": {}},
        {"title": "x", "compensation": {"kind": "unpaid", "amount": 5}},
        {"title": "x", "compensation": {"amount": "much"}},
        {"title": "x", "compensation": {"kind": "paid", "amount": 5, "amount_max": 1}},
        {"title": "x", "compensation": {"kind": "paid", "amount": -1}},
        *(
            {"title": "x", "contacts": [{"kind": kind, "value": "?"}]}
            for kind in ("phone", "email", "link", "instagram")
        ),
    ]
    for values in wrong:
        with pytest.raises(ValueError) as refused:
            CastingCall.model_validate(values)
        for problem in problems_in(refused.value):  # type: ignore[arg-type]
            for language in LANGUAGES:
                assert Words(language).has(f"problem.{problem.code}"), (values, problem)


def test_only_leaves_that_differ_are_changes() -> None:
    other = CALL.model_copy(
        update={"deadline": None, "roles": (Role(name="شاب", age_min=23), *CALL.roles[1:]), "title": "غير"}
    )
    found = {item.path: (item.before, item.after) for item in changes(CALL, other)}
    assert found["deadline"] == ("2026-12-05", None)
    assert found["roles.0.age_min"] == (22, 23)
    assert found["roles.0.requirements"] == (["رياضي", "يقود"], None)
    assert set(found) == {
        "title",
        "deadline",
        "roles.0.gender",
        "roles.0.age_min",
        "roles.0.age_max",
        "roles.0.requirements",
    }
    assert changes(CALL, CALL) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_field_has_a_name_in_words(language: str) -> None:
    words = Words(language)
    every = differences(words, changes(CastingCall(title="x"), CALL))
    assert all(not item.name.startswith("field.") and ".nth" not in item.name for item in every)
    assert not any(item.after in ("male", "commercial", "whatsapp") for item in every)


def test_a_field_path_reads_like_a_place_in_the_form() -> None:
    assert field_name(Words("en"), "roles.0.age_min") == "Role 1: Age from"
    assert field_name(Words("en"), "contacts.1") == "Contact 2"
    assert flag_detail(Words("en"), "unsupported:roles.0") == "Role 1"
    assert flag_detail(Words("en"), "scam:strange_thing") == "strange thing"


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [("abc مطلوب def", 4, 9), ("🎬🎬 مطلوب", 3, 8), ("a\r\nb\r\nمطلوب", 6, 11), ("\0مطلوب", 1, 6), ("a\rb", 2, 3)],
)
def test_marks_point_at_the_same_words_in_a_browser(text: str, start: int, end: int) -> None:
    [mark] = json.loads(marks(text, {"title": Evidence(start=start, end=end, text=text[start:end])}))
    units = shown(text).encode("utf-16-le")
    assert units[2 * mark["start"] : 2 * mark["end"]].decode("utf-16-le") == text[start:end]


def test_evidence_outside_the_text_marks_nothing() -> None:
    evidence = {
        "a": Evidence(start=5, end=99, text=""),
        "b": Evidence(start=3, end=3, text="", support=Support.DERIVED),
    }
    assert json.loads(marks("short text", evidence)) == []


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_isolating_changes_no_character_and_lets_no_tag_through(text: str) -> None:
    html = str(isolated(text))
    without = re.sub(r'<bdi dir="ltr">|</bdi>', "", html)
    assert not set(without) & set("<>")
    from html import unescape

    assert unescape(without) == shown(text)


@pytest.mark.parametrize(
    "number",
    ["+974 5500 0128", "٠٥٠ ٠٠٠ ٠١٢٣", "0500000172", "(050) 000-0172", "a@b.example.com", "https://example.com/?a=1"],
)
def test_numbers_and_addresses_are_kept_left_to_right(number: str) -> None:
    html = str(isolated(f"للتواصل {number} واتساب"))
    assert f'<bdi dir="ltr">{number}</bdi>' in html


def test_ages_and_short_numbers_are_left_alone() -> None:
    assert "<bdi" not in str(isolated("من ٢٥ لـ ٢٨ نوفمبر، العمر 20-40، 1500 ريال"))


def test_no_contact_leads_to_a_script() -> None:
    assert href_of(Contact.model_construct(kind=ContactKind.LINK, value="javascript:alert(1)")) is None
    assert (
        href_of(Contact.model_validate({"kind": "whatsapp", "value": "+966500000172"})) == "https://wa.me/966500000172"
    )


def test_pay_is_written_with_its_currency_and_unit() -> None:
    pay = Compensation(kind="paid", amount=Decimal("1200.00"), amount_max=Decimal(1500), currency="SAR", per="day")
    assert pay_text(Words("en"), pay) == "1,200 – 1,500 SAR / day"
    assert pay_text(Words("ar"), Compensation()) == "غير محدد"


def test_both_languages_know_the_same_keys_with_the_same_places_to_fill() -> None:
    english, arabic = table("en"), table("ar")
    assert set(english) == set(arabic)
    for key, text in english.items():

        def places(value: str) -> set[str]:
            return {name for _, name, _, _ in string.Formatter().parse(value) if name}

        # "one" and "two" are words of their own in Arabic.
        if not key.endswith((".one", ".two")):
            assert places(text) == places(arabic[key]), key


def test_every_text_that_a_template_asks_for_is_there() -> None:
    known = table("en")
    for path in sorted((WEB / "templates").glob("*.html")):
        for key in re.findall(r"\bt\('([a-z_.0-9]+)'[,)]", path.read_text("utf-8")):
            assert key in known, f"{path.name}: {key}"


def test_arabic_counts_use_their_own_forms() -> None:
    words = Words("ar")
    assert [words.count("queue.count", number) for number in (1, 2, 3, 11, 105)] == [
        "فرصة واحدة",
        "فرصتان",
        "3 فرص",
        "11 فرصة",
        "105 فرص",
    ]


def test_days_are_said_with_the_months_name() -> None:
    assert Words("ar").day(date(2026, 11, 5)) == "5 نوفمبر 2026"


@pytest.mark.parametrize("target", ["//evil", "https://evil", "/\\evil", "/a\nb", "", "review"])
def test_only_addresses_of_this_site_are_inside(target: str) -> None:
    assert inside(target) == "/review"
    assert inside("/review/c1?q=x") == "/review/c1?q=x"
