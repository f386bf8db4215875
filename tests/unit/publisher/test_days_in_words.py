"""A day beside its field: with its weekday, which tells a reader whether the date can be right."""

from __future__ import annotations

import pytest

from services.publisher.web.present import day_text
from services.publisher.web.words import Words


@pytest.mark.parametrize(
    ("language", "typed", "told"),
    [
        ("en", "2026-11-27", "Friday 27 November 2026"),
        ("ar", "2026-11-27", "الجمعة 27 نوفمبر 2026"),
        ("ar", "2026-09-10", "الخميس 10 سبتمبر 2026"),
        ("en", "2024-02-29", "Thursday 29 February 2024"),
    ],
)
def test_a_day_is_told_with_its_weekday(language: str, typed: str, told: str) -> None:
    assert day_text(Words(language), typed) == told


@pytest.mark.parametrize(
    "typed", ["", "2026-02-30", "2026-13-01", "tomorrow", "2026-11-27 ", "0000-00-00", "٢٠٢٦-١١-٢٧"]
)
def test_what_is_no_day_is_not_told(typed: str) -> None:
    assert day_text(Words("en"), typed) == ""
