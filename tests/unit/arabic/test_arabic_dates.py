"""Dates in the words of the groups, from Thursday 15 October 2026, 18:00 in Riyadh."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.arabic.dates import RIYADH, find_dates
from shared.arabic.normalise import fold

NOW = datetime(2026, 10, 15, 18, 0, tzinfo=RIYADH)


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("١٠ و ١١ ديسمبر", "2026-12-10", "2026-12-11"),
        ("4 October – 26 November 2026", "2026-10-04", "2026-11-26"),
        ("من ١ نوفمبر حتى ١٥ ديسمبر", "2026-11-01", "2026-12-15"),
        ("Nov 2-3", "2026-11-02", "2026-11-03"),
        ("Dec 20 to Jan 5", "2026-12-20", "2027-01-05"),
        ("the 20th of Nov", "2026-11-20", "2026-11-20"),
        ("15 كانون الأول", "2026-12-15", "2026-12-15"),
        ("٢٨/١٠/٢٠٢٦", "2026-10-28", "2026-10-28"),
        ("24 / 11", "2026-11-24", "2026-11-24"),
        ("الأحد ٢٩-١١", "2026-11-29", "2026-11-29"),
        ("١٥ ربيع الآخر ١٤٤٨هـ", "2026-09-26", "2026-09-26"),
        ("1/9/1448هـ", "2027-02-08", "2027-02-08"),
        ("بكرة", "2026-10-16", "2026-10-16"),
        ("عقب باجر", "2026-10-17", "2026-10-17"),
        ("بعد بكرة", "2026-10-17", "2026-10-17"),
        ("2moro", "2026-10-16", "2026-10-16"),
        ("الخميس الجاي", "2026-10-22", "2026-10-22"),
        ("السبت", "2026-10-17", "2026-10-17"),
        ("الأحد بعد القادم", "2026-10-25", "2026-10-25"),
        ("من الأربعاء للجمعة", "2026-10-21", "2026-10-23"),
        ("el khamis", "2026-10-22", "2026-10-22"),
        ("الأسبوع الجاي", "2026-10-18", "2026-10-24"),
        ("نهاية الشهر", "2026-10-31", "2026-10-31"),
        ("within 48 hours", "2026-10-17", "2026-10-17"),
        ("بعد أسبوعين", "2026-10-29", "2026-10-29"),
        ("في نوفمبر", "2026-11-01", "2026-11-30"),
        ("Jan–Mar 2027", "2027-01-01", "2027-03-31"),
        ("5 January", "2027-01-05", "2027-01-05"),
    ],
)
def test_a_date_is_read(words: str, start: str, end: str) -> None:
    found = [one for one in find_dates(fold(words), NOW) if one.start and str(one.start) == start]
    assert found, find_dates(fold(words), NOW)
    assert (str(found[0].start), str(found[0].end)) == (start, end)


@pytest.mark.parametrize(
    "words",
    [
        "العمر 20-40",
        "شباب 18-30",
        "0500000123",
        "1500 ريال",
        "24/7",
        "31 نوفمبر 2026 99",
        "الساعة 5:30",
        "اليوم الوطني",
        "may be",
        "سترة",
        "6pm",
    ],
)
def test_what_is_no_date_gives_no_day(words: str) -> None:
    assert not [one for one in find_dates(fold(words), NOW) if one.kind == "day"]


def test_a_vague_part_of_a_month_has_no_days() -> None:
    (found,) = find_dates(fold("منتصف يناير"), NOW)
    assert (found.kind, found.start, found.end, found.days) == ("vague", None, None, 0)


def test_the_day_is_riyadhs_not_utcs() -> None:
    late = datetime(2026, 10, 15, 22, 30, tzinfo=UTC)  # already the 16th in Riyadh
    (found,) = find_dates(fold("tomorrow"), late)
    assert found.start == date(2026, 10, 17)


def test_the_place_is_the_raw_words() -> None:
    raw = "التـصوير ٥ نوفمبر"
    (found,) = find_dates(fold(raw), NOW)
    assert raw[found.place.raw_start : found.place.raw_end] == "٥ نوفمبر"


@given(st.text(st.sampled_from("0123456789/-. و من الى نوفمبر nov السبت بعد يوم هـ1448 ربيع الاخر"), max_size=60))
def test_no_text_makes_it_raise(raw: str) -> None:
    for found in find_dates(fold(raw), NOW):
        assert found.start is None or found.end is None or found.start <= found.end
