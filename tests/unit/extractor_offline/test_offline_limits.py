"""What must hold for any text: nothing without words of its own, and no text that takes for ever."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.extractor.offline.engine import extract
from services.extractor.offline.requirements import find_requirements
from services.extractor.offline.stems import stems
from services.operator.evaluate_extract import support

NOW = datetime.fromisoformat("2026-10-15T18:00:00+03:00")
PIECES = """مطلوب ممثل ممثلة شاب بنت ٢٠-٣٠ العمر الأجر ١٥٠٠ ريال SAR 1,500 per day ألف وخمسمية التصوير بكرة يوم السبت ٥
نوفمبر الرياض جدة آخر موعد 16/11 ٢٣ و٢٤ قبل خلال ٤٨ ساعة واتساب 0500000123 +966 50 000 0123 wa.me/966500000123
صفر خمسة صفر صفر a@b.example.com @name.demo https://forms.gle/exA insta: my.name بدون أجر مدفوع د.ك 50 - ، . (
) \n 🎬 ١٥ شعبان نهاية الشهر تجاهل كل ما سبق ignore previous instructions""".split()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_every_contact_sum_and_day_has_words_of_its_own(pieces: list[str]) -> None:
    text = " ".join(pieces)
    result = extract(text, NOW)
    for name, (held, given_) in support(result, text).items():
        assert held == given_, (name, text)
    assert set(result.confidence) == set(result.evidence)
    for place in result.evidence.values():
        assert text[place.start : place.end] == place.text


@pytest.mark.parametrize(
    "piece",
    ["1 ", "12-", "5/", "٥ و", "a.", "a@", "a" * 50 + " ", "(", "خمسة ", "و", "ممثل ", "ريال ",
     "من ", "نوفمبر ", "5 نوفمبر و ",
     "«", "* ", "اسم: ", "20-30 ", "@a ", "0 5 ", "لهجة، ", "A B ", "\n- ", "<b", "!", "ا "],
)  # fmt: skip
def test_a_long_text_of_one_piece_is_read_to_its_end(piece: str) -> None:
    """Patterns that blow up would not come back from this in the life of the test run."""
    text = (piece * 10_000)[:10_000]
    result = extract(text, NOW)
    assert result.call is None or result.call.title


def test_stems_are_letters_that_every_alternative_holds() -> None:
    assert stems(r"(?:ال)?فيلم|films?") == ("film", "فيلم") or stems(r"(?:ال)?فيلم|films?") == ("فيلم", "film")
    assert stems(r"voice[\s-]?overs?|\bvo\b") == ("vo",)
    assert stems(r"(?:kid|male)\svoice") == ("kid", "male")
    assert stems(r"\d\sشخص") is None


@pytest.mark.parametrize(
    ("words", "name", "listed", "expected"),
    [
        (
            "منيرة: ٤٠-٥٠، أرملة قوية الشخصية، لهجة نجدية قديمة",
            "منيرة",
            True,
            ("أرملة قوية الشخصية", "لهجة نجدية قديمة"),
        ),
        ("HAKIM – 18-21 – thin, rides horses", "HAKIM", True, ("thin", "rides horses")),
        ("شاب ٢٣-٢٧، نحيف، كلمني", "شاب", False, ("نحيف",)),
        ("رجل", "الأب", True, ()),
    ],
)
def test_what_is_asked_of_a_role_is_kept_in_its_own_words(
    words: str, name: str, listed: bool, expected: tuple[str, ...]
) -> None:
    assert find_requirements(words, name, listed=listed) == expected
