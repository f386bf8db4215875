"""Folding: what it makes one, that both forms agree, and that the map back is true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.arabic.fingerprint import fingerprint
from shared.arabic.normalise import fold, fold_text

ARABIC = st.text(
    st.sampled_from(
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةأإآؤئءـًٌَُِّْٰ٠١٢٣۴۵ﻣﻄﻠﻮﺏﷲ﷼ \n\t\u200f\u200b\u2066،؛؟٬٫aAeéßİ👨‍👩‍👧🇸🇦1️⃣①.,-–«»"
    ),
    max_size=80,
)
ANY_TEXT = st.one_of(st.text(max_size=80), ARABIC)


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("مـطـلـوب", "مطلوب"),
        ("مُؤذِّنٌ", "موذن"),
        ("إعلان أحمد آمال ٱلله", "اعلان احمد امال الله"),
        ("مدينة ومدرسة", "مدينه ومدرسه"),
        ("على مستوى", "علي مستوي"),
        ("ﻣﻄﻠﻮﺏ ﻣﻤﺜﻠﻴﻦ", "مطلوب ممثلين"),
        ("الر\u200bياض\u200f \u202eنص\u202c", "الرياض نص"),
        ("٠٥٠۴ ０５", "0504 05"),
        ("0️⃣5️⃣", "05"),
        ("عاااجل soooo", "عاجل so"),
        ("كلمة👩‍👩‍👧كلمة 🇸🇦", "كلمه كلمه"),
        ("  a \n\n b ", "a b"),
        ("STRAẞE", "strasse"),
        ("١٬٥٠٠٫٥", "1,500.5"),
        ("الثلاثاء والأربعاء", "الثلاثا والاربعا"),
        ("", ""),
    ],
)
def test_spellings_that_mean_one_thing_become_one(raw: str, folded: str) -> None:
    assert fold_text(raw) == folded
    assert fold(raw).text == folded


@given(ANY_TEXT)
def test_folding_a_folded_text_changes_nothing(raw: str) -> None:
    assert fold_text(fold_text(raw)) == fold_text(raw)


@given(ANY_TEXT)
def test_the_fast_form_and_the_mapped_form_are_identical(raw: str) -> None:
    assert fold_text(raw) == fold(raw).text


@given(ANY_TEXT)
def test_spans_grow_and_stay_within_the_raw_text(raw: str) -> None:
    folded = fold(raw, lines=True)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    for at in range(len(folded.text)):
        assert 0 <= folded.starts[at] < folded.ends[at] <= len(raw)
        if at:
            assert folded.starts[at - 1] <= folded.starts[at]
            assert folded.ends[at - 1] <= folded.ends[at]


@given(ANY_TEXT, st.data())
def test_a_piece_mapped_back_folds_to_words_that_hold_the_piece(raw: str, data: st.DataObject) -> None:
    folded = fold(raw)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    raw_start, raw_end = folded.span(start, end)
    assert folded.text[start:end].strip() in fold_text(raw[raw_start:raw_end])


@given(ANY_TEXT)
def test_lines_are_kept_only_where_asked_and_change_nothing_else(raw: str) -> None:
    assert fold(raw, lines=True).text.replace("\n", " ") == fold_text(raw)


def test_a_span_outside_the_text_is_refused() -> None:
    with pytest.raises(IndexError):
        fold("abc").span(1, 9)


def test_marks_count_with_the_letter_before_them() -> None:
    raw = "صوتٌ 5️⃣"
    folded = fold(raw)
    assert raw[slice(*folded.span(0, 3))] == "صوتٌ"
    assert raw[slice(*folded.span(4, 5))] == "5️⃣"


def test_copies_in_another_dress_share_a_fingerprint() -> None:
    first = "🎬 *مطلوب* ممثلين في الرياض\nالأجر: ٥٠٠ ريال!"
    second = "مـطلوب ممثلين في الرياض 🔥 الاجر 500 ريال"
    assert fingerprint(first) == fingerprint(second)
    assert len(fingerprint(first)) == 32


def test_another_number_gives_another_fingerprint() -> None:
    assert fingerprint("الأجر ٥٠٠") != fingerprint("الأجر ٦٠٠")


@pytest.mark.parametrize("raw", ["", " \n", "👍🔥", "!!! ..."])
def test_a_text_without_words_has_no_fingerprint(raw: str) -> None:
    assert fingerprint(raw) == ""


@given(st.text(max_size=60))
def test_any_text_has_a_fingerprint_or_none(raw: str) -> None:
    assert len(fingerprint(raw)) in (0, 32)
