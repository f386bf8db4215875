"""Grounding: only words that stand in the text hold a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.extractor.grounding import ground
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


@given(st.text(max_size=60), st.text(max_size=20))
def test_evidence_is_always_a_piece_of_the_text(text: str, words: str) -> None:
    evidence = ground(words, text)
    if evidence is not None:
        assert text[evidence.start : evidence.end] == evidence.text
        assert any(char.isalnum() for char in fold_text(evidence.text))
