"""Number words in a row: one number as far as its parts get smaller, then the next one."""

from __future__ import annotations

import pytest

from shared.arabic.digits import find_numbers
from shared.arabic.normalise import fold


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("ألفين وثلاثة آلاف ريال", [2000, 3000]),
        ("ألف ألفين", [1000, 2000]),
        ("ميتين ثلاثمية ريال", [200, 300]),
        ("خمسمية وستمية", [500, 600]),
        ("عشرين ثلاثين شخص", [20, 30]),
        ("ست سبع بنات", [6, 7]),
        ("خمسة وعشرين وثلاثين", [25, 30]),
        ("ثلاثة آلاف وأربعة آلاف وخمسمية", [3000, 4500]),
        ("ثلاثة آلاف وخمسمية وخمسين", [3550]),
        ("خمسة عشر ألف", [15_000]),
        ("مية وخمسين ألف", [150_000]),
        ("مليون وخمسمية ألف", [1_500_000]),
        ("ثلاث مية وخمسين", [350]),
        ("ألف ونص", [1500]),
        ("twenty five", [25]),
        ("two hundred fifty", [250]),
    ],
)
def test_each_number_of_a_row_is_read(words: str, values: list[int]) -> None:
    assert [number.value for number in find_numbers(fold(words))] == values


def test_the_and_before_a_number_is_not_part_of_it() -> None:
    folded = fold("بين ألفين وثلاثة آلاف")
    places = [number.place for number in find_numbers(folded)]
    assert [folded.text[place.start : place.end] for place in places] == ["الفين", "ثلاثه الاف"]
