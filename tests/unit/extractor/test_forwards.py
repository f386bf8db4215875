"""Which messages share an answer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.extractor.forwards import key_of, without_frame

SENT = datetime.fromisoformat("2026-09-01T18:42:21+03:00")
TEXT = "مطلوب ممثل لإعلان في جدة\nالتصوير ١٠ سبتمبر\nالأجر ١٢٠٠ ريال\nواتس ٠٥٠٠٠٠٠١٧٢"


def key(text: str, later: timedelta = timedelta(0)) -> str:
    return key_of(text, SENT + later, "openai:m:1")


@pytest.mark.parametrize(
    "copy",
    [
        f"Forwarded many times\n{TEXT}",
        f"↪️ محوّلة\n{TEXT}\nانشروها تكفون",
        f"*منقول* ⬇️\n\n{TEXT}",
        f"{TEXT}\n🌹🌹",
        f"{TEXT}\nرابط القروب https://chat.whatsapp.com/AbCdEf123",
        TEXT.replace("\n", " "),
        TEXT.replace("مطلوب", "🔥 *مطلـــوب*"),
        TEXT.replace("١٢٠٠", "1200").replace("٠٥٠٠٠٠٠١٧٢", "0500000172"),
    ],
)
def test_a_copy_in_another_dress_shares_the_answer(copy: str) -> None:
    assert key(copy) == key(TEXT)


@pytest.mark.parametrize(
    "other",
    [
        TEXT.replace("١٢٠٠", "١٥٠٠"),
        TEXT.replace("جدة", "الرياض"),
        TEXT.replace("٠٥٠٠٠٠٠١٧٢", "٠٥٠٠٠٠٠١٧٣"),
        TEXT.replace("١٠ سبتمبر", "١١ سبتمبر"),
        f"{TEXT}\nتم الاكتفاء",
        f"الموضوع مغلق\n{TEXT}",
        f"{TEXT}\nللتواصل انستا @noor.casting",
    ],
)
def test_other_words_are_another_question(other: str) -> None:
    assert key(other) != key(TEXT)


def test_figures_do_not_run_together() -> None:
    assert key("1 500") != key("1500")
    assert key("مطلوب 1.5") != key("مطلوب 15")


@pytest.mark.parametrize(
    "words", ["التصوير بكرة", "this weekend", "خلال ٤٨ ساعة", "قبل العيد", "اليوم", "الخميس الجاي"]
)
def test_words_that_hang_on_the_day_of_sending_are_asked_about_each_day(words: str) -> None:
    assert key(f"مطلوب ممثل {words}") == key(f"مطلوب ممثل {words}", timedelta(minutes=20))
    assert key(f"مطلوب ممثل {words}") != key(f"مطلوب ممثل {words}", timedelta(days=7))


def test_a_date_that_stays_the_same_is_not_asked_about_again() -> None:
    assert key(TEXT, timedelta(days=3)) == key(TEXT)
    assert key(TEXT, timedelta(days=300)) != key(TEXT)  # the next tenth of September is another one


def test_another_reader_has_its_own_answers() -> None:
    assert key_of(TEXT, SENT, "openai:m:2") != key(TEXT)


def test_a_message_is_never_all_frame() -> None:
    assert without_frame("منقول") == "منقول"
    assert without_frame("") == ""
    assert without_frame("منقول\n0500000172\nshare") == "0500000172"
