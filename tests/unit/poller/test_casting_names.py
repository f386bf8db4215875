"""Which group names look like casting."""

from __future__ import annotations

import pytest

from services.poller.names import ARABIC, ENGLISH, casting_words


@pytest.mark.parametrize("word", [*ENGLISH, *ARABIC])
def test_every_keyword_of_the_list_is_recognised(word: str) -> None:
    assert word in casting_words(f"السعودية {word} KSA")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("CASTINGS Riyadh", "casting"),
        ("Actresses & Actors", "actress"),
        ("Casting2026", "casting"),
        ("ksa_film_crew", "film"),
        ("castingالرياض", "casting"),
        ("𝐂𝐚𝐬𝐭𝐢𝐧𝐠 🎬 Jeddah", "casting"),
        ("SaudiCasting", "casting"),
        ("TV Ads", "ad"),
        ("وظائف للممثلين", "ممثلين"),
        ("الممثلات السعوديات", "ممثلة"),
        ("والكاست", "كاست"),
        ("كـــاستنج جدة", "كاستنج"),
        ("مُمَثِّلين", "ممثلين"),
        ("اعلانات تجاريه", "إعلان"),
        ("للإعلان فقط", "إعلان"),
        ("ادوار ثانوية", "أدوار"),
        ("أفلام قصيرة", "فيلم"),
        ("تجارب الأداء", "تجارب أداء"),
        ("بطوله مسلسل", "بطولة"),
    ],
)
def test_other_spellings_count(name: str, word: str) -> None:
    assert word in casting_words(name)


@pytest.mark.parametrize(
    "name",
    [
        "Riyadh", "Madrid", "Broadcast list", "BROADCAST", "PodCast", "Factors", "Roleplayers' castle", "Seriesly",
        "Adel", "family", "", "شباب الحارة", "دورة تدريبية", "بدور", "مصورين", "الأدوات", "قهوة",
    ],
)  # fmt: skip
def test_parts_of_other_words_do_not_count(name: str) -> None:
    assert casting_words(name) == ()
