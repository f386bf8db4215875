"""Words and numbers that stand in a message as something else: they hold no sum, no day, no contact."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from services.extractor.support import contacts, days, money, names
from services.extractor.support.words import read
from shared.contracts.calls import ContactKind, PayKind

SENT = datetime.fromisoformat("2026-09-01T18:42:21+03:00")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Need 5 girls, paid", 5),
        ("needs 10 foodies with nice hands. Free breakfast + 200 SAR", 10),
        ("مدفوع، شاب ٢٥ سنة", 25),
        ("مطلوب ١٥٠ شخص والأجر ٣٠٠ ريال", 150),
        ("الأجر يحدد لاحقاً، الطول ١٧٠ سم", 170),
        ("التصوير ١٠ سبتمبر ٢٠٢٦ بأجر", 2026),
        ("paid, 24 Oct", 24),
        ("رقمي ٠٥٠٠٠٠٣١٢٤ والأجر كاش", 3124),
        ("100k followers, paid collab", 100_000),
        ("شقة ٧٠٠ متر", 700),
    ],
)
def test_a_number_of_something_else_is_no_pay(text: str, amount: int) -> None:
    assert money.amount(read(text, SENT), Decimal(amount)) is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("الأجر ٤٠ باليوم", 40),
        ("3,000, paid after the shoot", 3000),
        ("SAR1500", 1500),
        ("نعطيك ٧٥٠ وثوبين", 750),
        ("ألف وخمسمية ريال", 1500),
        ("600 each", 600),
        ("الطفل ٢٠٠ الأم ٢٥٠", 250),
        ("ملتحي ٣٥-٤٥ (٤٠٠٠ ريال)", 4000),
        ("٣٠٠ للشفت", 300),
    ],
)
def test_a_sum_is_found_however_it_is_written(text: str, amount: int) -> None:
    assert money.amount(read(text, SENT), Decimal(amount))


@pytest.mark.parametrize(
    ("text", "day", "quotes"),
    [
        ("تصوير ٢٤/٧", date(2027, 7, 24), []),
        ("rate 1.5k a day", date(2027, 5, 1), []),
        ("٥ بنات للتصوير ١٠ سبتمبر", date(2026, 9, 5), ["٥ بنات للتصوير ١٠ سبتمبر"]),
        ("3 girls, 10 September", date(2026, 9, 3), ["3 girls, 10 September"]),
        ("التصوير في سبتمبر", date(2026, 9, 17), ["سبتمبر"]),
        ("نصور اليوم", date(2026, 9, 20), ["اليوم"]),
        ("نصور بكرة", date(2026, 9, 9), ["بكرة"]),
        ("this week", date(2026, 9, 29), ["this week"]),
        ("يوم تصوير و٥ بنات", date(2026, 9, 5), ["يوم تصوير و٥ بنات"]),
        ("رقم ٠٥٠٠٠٠١٠٩٠", date(2026, 9, 10), ["١٠٩"]),
    ],
)
def test_a_number_or_a_time_that_means_something_else_is_no_such_day(text: str, day: date, quotes: list[str]) -> None:
    assert days.day(read(text, SENT), day, quotes) is None


@pytest.mark.parametrize(
    ("text", "length"),
    [("٣٠٠٠ ريال بالشهر", 30), ("خبرة في المجال هذا الشهر", 30), ("كل أسبوع", 7), ("SAR 500 per day", 1)],
)
def test_a_rate_or_a_time_is_no_length(text: str, length: int) -> None:
    assert days.length(read(text, SENT), length) is None


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("casting for a film", "instagram", "casting"),
        ("Sidra Productions presents", "instagram", "sidra"),
        ("اعمار ٣٥-٤٥ (٤٠٠٠ ريال)", "phone", "+97335454000"),
        ("https://x.example.com/aaab", "link", "https://x.example.com/ab"),
        ("me@x.example.com", "link", "https://x.example.com"),
    ],
)
def test_what_only_looks_like_a_contact_is_none(text: str, kind: str, value: str) -> None:
    found = contacts.contact(ContactKind(kind), value, "SA")
    assert found is not None
    assert contacts.held(read(text, SENT), found) is None


def test_a_link_keeps_the_capitals_of_the_message() -> None:
    found = contacts.contact(ContactKind.LINK, "forms.gle/exmaj01", None)
    assert found is not None
    held = contacts.held(read("سجل https://forms.gle/exMaj01", SENT), found)
    assert held is not None
    assert held[0].value == "https://forms.gle/exMaj01"


@pytest.mark.parametrize(
    ("text", "city", "usual"),
    [
        ("التصوير بالرياض", "Riyadh", "Riyadh"),
        ("للرياض", "Ar Riyadh", None),
        ("shoot in jeddah", "Jeddah", "Jeddah"),
        ("في المدينه المنوره", "Medina", "Medina"),
        ("التصوير في الشارجة", "Sharjah", "Sharjah"),
        ("آخر الشهر", "Sohar", None),
        ("كاستنج في جدة", "Riyadh", None),
        ("casting in Valletta", "Valletta", "Valletta"),
        ("casting", "Valletta", None),
    ],
)
def test_a_city_is_named_in_some_spelling_or_it_is_not_there(text: str, city: str, usual: str | None) -> None:
    found = names.city(read(text, SENT), city, [])
    assert (found[0] if found else None) == usual


@pytest.mark.parametrize(
    ("text", "country", "city", "held"),
    [
        ("كاستنج 🇰🇼", "KW", None, True),
        ("تصوير في القصيم", "SA", None, True),
        ("تصوير في دبي", "AE", "Dubai", True),
        ("تصوير في دبي", "SA", "Dubai", False),
        ("لهجة بيضاء", "SA", None, False),
    ],
)
def test_a_country_is_told_by_its_city_its_name_or_its_flag(
    text: str, country: str, city: str | None, held: bool
) -> None:
    assert (names.country(read(text, SENT), country, city) is not None) is held


@pytest.mark.parametrize(
    ("text", "kind", "held"),
    [
        ("نبي ممثل", PayKind.PAID, False),
        ("فيه أجر", PayKind.PAID, True),
        ("500 ريال", PayKind.PAID, True),
        ("نبي ممثل", PayKind.UNPAID, False),
        ("العمل تطوعي", PayKind.UNPAID, True),
        ("TFP shoot", PayKind.UNPAID, True),
        ("وجبات ومواصلات", PayKind.UNPAID, True),
    ],
)
def test_pay_and_its_absence_are_said_in_words(text: str, kind: PayKind, held: bool) -> None:
    assert (money.kind(read(text, SENT), kind) is not None) is held


@pytest.mark.parametrize(
    ("text", "currency", "held"),
    [("1500", "SAR", False), ("1500 ريال", "SAR", True), ("1500 ريال", "AED", False), ("KD 80", "KWD", True)],
)
def test_a_currency_is_named(text: str, currency: str, held: bool) -> None:
    assert (money.currency(read(text, SENT), currency) is not None) is held


@pytest.mark.parametrize(
    ("text", "per", "held"),
    [
        ("الأجر ١٥٠٠ ريال", "hour", False),
        ("الأجر ١٥٠٠ ريال بالساعة", "hour", True),
        ("الأجر ١٥٠٠\nنصور ٣ ساعات في الرياض بعد الظهر في الحي القديم وسط البلد قرب السوق الشعبي", "month", False),
        ("٣٠٠ باليوم", "day", True),
    ],
)
def test_a_unit_is_said(text: str, per: str, held: bool) -> None:
    words = read(text, SENT)
    assert (money.unit(words, per, None) is not None) is held


@pytest.mark.parametrize("said", ["cast@x.example.com", "https://cast@x.example.com"])
def test_an_e_mail_is_no_page_on_its_host(said: str) -> None:
    found = contacts.contact(ContactKind.LINK, said, None)
    held = contacts.held(read("Send to cast@x.example.com", SENT), found) if found else None
    assert held is None or (held[0].kind, held[0].value) == (ContactKind.EMAIL, "cast@x.example.com")
