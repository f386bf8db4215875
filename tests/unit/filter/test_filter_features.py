"""What the reader of a text sees in it, signal by signal."""

from __future__ import annotations

import pytest

from services.filter.features import read
from services.filter.lexicon import Lexicon

LEXICON = Lexicon.load()


def _values(text: str) -> dict[str, float]:
    return read(text, LEXICON, min_chars=50).values


@pytest.mark.parametrize(
    ("text", "feature", "times"),
    [
        ("نحتاج ٤٠ رجال", "seeks_people", 1),
        ("محتاجين مونتير", "seeks_crew", 1),
        ("ندور على شقة قديمة", "seeks_things", 1),
        ("five girls needed", "seeks_people", 1),
        ("driver needed", "seeks_crew", 1),
        ("نحتاج سواقين لنقل الممثلين", "seeks_crew", 1),
        ("3 girls and 2 boys", "counted_people", 2),
        ("5mums", "counted_people", 1),
        ("شاب ٢٠-٣٠ وبنت ١٨ الى ٢٥", "age_ranges", 2),
        ("من 20 لـ 30", "age_ranges", 1),
        ("الأجر ٥٠٠ ريال", "money", 1),
        ("SAR 1,500", "money", 1),
        ("٥٠٠ريال", "money", 1),
        ("0500001111", "phone", 1),
        ("+966 50 000 1111", "phone", 1),
        ("cast@example.com", "email", 1),
        ("راسلونا @some_name", "handle", 1),
        ("https://example.com", "link", 1),
        ("فيه كاستنج اليوم؟", "asks", 1),
    ],
)
def test_a_signal_is_seen(text: str, feature: str, times: int) -> None:
    assert _values(text).get(feature) == times


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("نحتاج سواقين لنقل الممثلين", "seeks_people"),
        ("التصوير ١٢-١٥ نوفمبر", "age_ranges"),
        ("Nov 12-15 in Jeddah", "age_ranges"),
        ("2026-10-18", "age_ranges"),
        ("call 05 12-34", "money"),
        ("30-20", "age_ranges"),
        ("cast@example.com", "handle"),
        ("ريال مدريد فاز", "money"),
        ("12 000", "phone"),
    ],
)
def test_a_signal_is_not_seen_where_it_is_not(text: str, feature: str) -> None:
    assert feature not in _values(text)


@pytest.mark.parametrize(
    ("text", "not_there"),
    [
        ("ما عجبني دوره في المسلسل", "workshop"),  # "his role", not "course"
        ("مهرجان البحر", "roles"),  # "festival", not "clown"
        ("يوم الأحد", "people"),  # "Sunday", not "somebody"
        ("في الخبر", "news"),  # the city
        ("castings", "people"),
        ("hosted castle actorial", "roles"),
    ],
)
def test_a_word_is_not_found_inside_another(text: str, not_there: str) -> None:
    assert not_there not in _values(text)


@pytest.mark.parametrize("text", ["الممثلين", "وممثلة", "للممثلات", "ممـــثل", "مُمَثِّل", "ﻣﻤﺜﻞ", "بالممثلين", "هالممثل"])
def test_a_word_is_found_in_its_usual_dress(text: str) -> None:
    assert _values(text)["roles"] == 1


def test_a_phrase_hides_the_words_in_it() -> None:
    assert "crew" in _values("كاتب")
    assert "crew" not in _values("كاتب السيناريو")


def test_the_kinds_of_short_are_told_apart() -> None:
    assert {"short", "tiny"} <= _values("تمام").keys()
    assert "tiny" not in _values("صباح الخير عليكم جميعا يا شباب")
    assert "short" not in _values("صباح الخير عليكم جميعا يا شباب والله يوفقكم في كل مكان")
