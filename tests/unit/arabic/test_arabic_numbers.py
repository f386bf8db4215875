"""Numbers, money and phones: values, and where they stand in the raw text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.arabic.digits import find_numbers
from shared.arabic.money import find_money
from shared.arabic.normalise import fold
from shared.arabic.phones import find_phones


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("ألف وخمسمية", 1500), ("ميتين", 200), ("١٬٥٠٠", 1500), ("1.5k", 1500), ("٦٠ ألف", 60_000),
        ("نصف مليون", 500_000),
        ("خمس وعشرين", 25), ("ألفين وميتين", 2200), ("two hundred", 200), ("SAR1500", 1500), ("10 آلاف", 10_000),
    ],
)  # fmt: skip
def test_a_number_is_read(words: str, value: int) -> None:
    assert [number.value for number in find_numbers(fold(words))] == [Decimal(value)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("١٢٠٠ ريال لليوم", [(1200, "SAR", "day")]),
        ("SAR 1,500", [(1500, "SAR", None)]),
        ("KD 80/day", [(80, "KWD", "day")]),
        ("$4,000 + ticket", [(4000, "USD", None)]),
        ("ألف وخمسمية ريال", [(1500, "SAR", None)]),
        ("1500 إلى 3000 ريال باليوم", [(1500, "SAR", None), (3000, "SAR", "day")]),
        ("٤٠٠ ريال قطري بالساعة", [(400, "QAR", "hour")]),
        ("450 دينار بحريني شهرياً", [(450, "BHD", "month")]),
        ("USD 350 flat", [(350, "USD", "project")]),
        ("ريال ٣٠-٤٠ شكله موظف", []),
        ("العمر 20-40", []),
    ],
)
def test_money_is_read(words: str, expected: list[tuple[int, str, str | None]]) -> None:
    found = [(money.amount, money.currency, money.per) for money in find_money(fold(words))]
    assert found == [(Decimal(amount), currency, per) for amount, currency, per in expected]


def test_a_country_settles_which_riyal_and_which_dinar() -> None:
    assert find_money(fold("200 دينار"), "KW")[0].currency == "KWD"
    assert find_money(fold("200 دينار"))[0].currency is None
    assert find_money(fold("200 ريال"), "OM")[0].currency == "OMR"


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("واتساب 0500000172", ["+966500000172"]),
        ("٠٥٠٠٠٠٩٠٥٩", ["+966500009059"]),
        ("0️⃣5️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣", ["+966500000123"]),
        ("wa.me/966500004376", ["+966500004376"]),
        ("\u200e+965 5000 3681\u200e", ["+96550003681"]),
        ("971500001206", ["+971500001206"]),
        ("00966 50 000 0000", ["+966500000000"]),
        ("050-000-0123", ["+966500000123"]),
        ("0500000172 / 0500000173", ["+966500000172", "+966500000173"]),
        ("0500000172/0500000173", ["+966500000172", "+966500000173"]),
        ("01000001234", ["+201000001234"]),
        ("الأجر 1500-2000 والعمر 20-40", []),
        ("22-11-2026 و 2026/11/22", []),
    ],
)
def test_phones_are_read(words: str, numbers: list[str]) -> None:
    assert [phone.e164 for phone in find_phones(fold(words))] == numbers


def test_a_region_reads_local_numbers() -> None:
    assert [phone.e164 for phone in find_phones(fold("50005085"), "KW")] == ["+96550005085"]
    assert find_phones(fold("50005085")) == []


@given(st.text(st.sampled_from("0123456789+-() .,kاالفميهوريال sarwa.me/$"), max_size=60))
def test_places_are_true_and_nothing_raises(raw: str) -> None:
    folded = fold(raw)
    found = [one.place for one in find_numbers(folded)]
    found += [one.place for one in find_money(folded)]
    found += [one.place for one in find_phones(folded)]
    for place in found:
        assert 0 <= place.raw_start < place.raw_end <= len(raw)
        assert folded.span(place.start, place.end) == (place.raw_start, place.raw_end)
