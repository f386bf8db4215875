"""Requirements on lines of their own, as in the design documents' example."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.extractor.offline.engine import extract
from shared.contracts.calls import Gender, Role

SENT = datetime(2026, 11, 1, tzinfo=UTC)


def roles(text: str) -> tuple[Role, ...]:
    call = extract(text, SENT).call
    assert call is not None
    return call.roles


@pytest.mark.parametrize(
    ("line", "gender"),
    [
        ("- الجنس: ذكر", Gender.MALE),
        ("الجنس : أنثى", Gender.FEMALE),
        ("• الجنس: ذكر / أنثى", Gender.ANY),
        ("Gender: Male", Gender.MALE),
    ],
)
def test_a_gender_on_a_line_of_its_own_is_the_role_s(line: str, gender: Gender) -> None:
    [role] = roles(f"مطلوب ممثلين لمسلسل جديد\nالمتطلبات:\n- العمر: 25-35 سنة\n{line}\nواتساب 0500000567")
    assert (role.gender, role.age_min, role.age_max) == (gender, 25, 35)


def test_the_words_for_applying_are_no_part_of_a_role_s_name() -> None:
    [role] = roles("مطلوب ممثلين للتقديم على دور في مسلسل\n- العمر: 25-35 سنة")
    assert role.name == "ممثلين"
