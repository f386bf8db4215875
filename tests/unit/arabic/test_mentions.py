"""A person's number is found in every form that people write it in, and nobody else's is."""

from __future__ import annotations

import pytest

from shared.arabic.mentions import MASK, Person, person_of, together, without_contacts

ME = Person(numbers=("+966500000099",))

FORMS = [
    "+966500000099",
    "00966500000099",
    "966500000099",
    "0500000099",
    "500000099",
    "050 000 0099",
    "05 0000 0099",
    "+966 50-000-0099",
    "+966 (0) 50 000 0099",
    "٠٥٠٠٠٠٠٠٩٩",
    "+٩٦٦ ٥٠ ٠٠٠ ٠٠٩٩",
    "۰۵۰۰۰۰۰۰۹۹",
    "０５００００００９９",
    "0️⃣5️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣9️⃣9️⃣",
    "0\u200f500000099",
    "https://wa.me/966500000099",
    "https://wa.me/%2B966500000099?text=hi",
    "https://api.whatsapp.com/send?phone=966500000099",
    "966500000099@s.whatsapp.net",
    "966500000099:12@s.whatsapp.net",
    "@966500000099",
    "tel:+966500000099",
    "0.5.0.0.0.0.0.0.9.9",
    "0500_000_099",
    "050ـ000ـ0099",
    "050-ــ-000-0099",
    "050\u200f\u200e \u200f\u200e\u200f000 0099",
    "صفر خمسة صفر صفر صفر صفر صفر صفر تسعة تسعة",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("around", ["{}", "للتواصل واتساب: {} فقط", "تقديم:{}، شكرا", "a{}b"])
def test_each_form_is_masked_to_the_last_digit(form: str, around: str) -> None:
    text = around.format(form)
    if around == "a{}b" and not form[0].isdecimal():
        pytest.skip("words run into letters are no number")
    masked = ME.masked(text)
    assert len(masked) == len(text)
    assert not ME.holds(masked)
    assert not any(char.isdecimal() for char in masked.replace(":12@", "").replace("%2B", ""))
    assert MASK in masked


@pytest.mark.parametrize("form", [form for form in FORMS if "%2B" not in form])
def test_each_form_names_the_same_person(form: str) -> None:
    assert person_of(form) == ME


@pytest.mark.parametrize(
    "text",
    [
        "0500000098",
        "05000000991",
        "1500000099",
        "+20 500000099",
        "+971500000099",
        "order 7500000099",
        "120363000000000099@g.us",
        "966500000099-1578908765@g.us",
        "",
        "لا رقم هنا",
        "1 500 000 099 ريال",
    ],
)
def test_what_is_not_the_number_stays(text: str) -> None:
    assert ME.masked(text) == text


def test_two_numbers_side_by_side_are_told_apart() -> None:
    text = "0500000011 0500000099\n0500000022/500000099"
    assert ME.masked(text) == f"0500000011 {MASK * 10}\n0500000022/{MASK * 9}"


def test_another_country_s_number_is_found_by_its_own_code() -> None:
    egyptian = person_of("+20 101 000 0099")
    assert egyptian is not None
    assert egyptian.masked("رقم مصر 01010000099 أو 00201010000099") == f"رقم مصر {MASK * 11} أو {MASK * 14}"


def test_a_lid_is_found_as_an_id_and_as_a_mention() -> None:
    person = person_of("123456789012345@lid")
    assert person == Person(lids=("123456789012345",))
    assert person.masked("123456789012345@lid @123456789012345 1234567890123456") == (
        f"{MASK * 19} {MASK * 16} 1234567890123456"
    )


@pytest.mark.parametrize("given", ["", "سارة", "12", "0500000011 0500000022", "120363000000000001@g.us"])
def test_what_names_nobody_is_refused(given: str) -> None:
    assert person_of(given) is None


def test_several_names_of_one_person_are_looked_for_at_once() -> None:
    lid = Person(lids=("123456789012345",))
    assert together([ME, lid, ME]).masked("0500000099 @123456789012345") == f"{MASK * 10} {MASK * 16}"


def test_all_contacts_of_a_text_are_masked_and_its_words_stay() -> None:
    ways = "واتساب ٠٥٠٠٠٠٠٠٩٩ أو casting@studio.example أو @casting_sa أو https://forms.example/x?a=1"
    text = f"{ways} العمر 25-35 والأجر 1,500"
    masked = without_contacts(text)
    assert len(masked) == len(text)
    assert masked.split() == [
        "واتساب",
        MASK * 10,
        "أو",
        MASK * 22,
        "أو",
        MASK * 11,
        "أو",
        MASK * 27,
        "العمر",
        "25-35",
        "والأجر",
        "1,500",
    ]
