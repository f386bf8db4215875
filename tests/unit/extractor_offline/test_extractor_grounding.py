"""Grounding: only words that stand in the text hold a value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.extractor.grounding import Grounder, ground
from shared.arabic.normalise import fold_text
from shared.contracts.calls import Support

TEXT = "مـطلوب مُمثلين بالرياض، العمر ٢٠–٤٠، الأجر SAR 1,500 أو ٢٠٠ ريال، واتس ٠٥٠٠٠٠١٢٣٤"


@pytest.mark.parametrize(
    ("words", "held", "support"),
    [
        ("SAR 1,500", "SAR 1,500", Support.VERBATIM),
        ("مطلوب ممثلين", "مـطلوب مُمثلين", Support.NORMALISED),
        ("20-40", "٢٠–٤٠", Support.NORMALISED),
        ("200 ريال", "٢٠٠ ريال", Support.NORMALISED),
        ("SAR 1500", "SAR 1,500", Support.NORMALISED),
        ("الرياض", "بالرياض", Support.NORMALISED),
    ],
)
def test_words_in_another_spelling_are_found(words: str, held: str, support: Support) -> None:
    evidence = ground(words, TEXT)
    assert evidence is not None
    assert (evidence.text, evidence.support) == (held, support)
    assert TEXT[evidence.start : evidence.end] == held


@pytest.mark.parametrize(
    "words", ["جدة", "+", "SAR 150", "SAR 500", "500", "1", "20", "", " ", "SAR 15000", "ممثل", "٥٠٠", "+966581883051"]
)
def test_what_does_not_stand_there_is_not_found(words: str) -> None:
    if words == "20":  # a whole number of the range
        assert ground(words, TEXT) is not None
    else:
        assert ground(words, TEXT) is None


def test_a_phone_is_held_by_any_written_form_of_it() -> None:
    evidence = Grounder(TEXT).ground_phone("+966500001234")
    assert evidence is not None
    assert evidence.text == "٠٥٠٠٠٠١٢٣٤"
    assert Grounder(TEXT).ground_phone("+966500009999") is None


def test_an_amount_is_held_by_figures_and_words() -> None:
    assert Grounder("الأجر ألف وخمسمية").ground_amount(Decimal(1500)) is not None
    assert Grounder("1.5k").ground_amount(Decimal(1500)) is not None
    assert Grounder("1500").ground_amount(Decimal(150)) is None


@given(st.text(max_size=60), st.text(max_size=20))
def test_evidence_is_always_a_piece_of_the_text(text: str, words: str) -> None:
    evidence = ground(words, text)
    if evidence is not None:
        assert text[evidence.start : evidence.end] == evidence.text
        assert any(char.isalnum() for char in fold_text(evidence.text))
