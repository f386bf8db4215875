"""What two posts are to each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.extractor.likeness import Post, compare, same_call
from services.extractor.posts.body import body
from services.extractor.posts.shingles import sample
from services.operator import labelled
from services.operator.evaluate_duplicates import Pair, Report, evaluate_duplicates
from shared.errors import Malformed

SENT = datetime.fromisoformat("2026-11-10T18:00:00+03:00")
CALL = """مطلوب ممثلة سعودية لإعلان عطر
العمر من ٢٢ إلى ٢٨
التصوير يوم ٢٠ نوفمبر في الرياض
الأجر ١٨٠٠ ريال
واتساب 0500002626 قبل ١٥ نوفمبر"""


def verdict(second: str, *, first: str = CALL, hours: float = 20) -> tuple[str, tuple[str, ...]]:
    found = compare(Post(first, SENT), Post(second, SENT + timedelta(hours=hours)))
    return found.verdict, found.conflicts


@pytest.mark.parametrize(
    "second",
    [
        CALL,
        "↪️ معاد توجيهها كثيراً\n\n" + CALL,
        "السلام عليكم\n" + CALL + "\n\nانضموا لقروبنا https://chat.whatsapp.com/EXAMPLE1",
        "بنات وش رايكم؟ 🤔\n" + CALL,
        CALL.translate(str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")).replace("ممثلة", "ممثـــلة ✨"),
        CALL.replace("\n", " "),
        "إعلان عطر بالرياض: ممثلة سعودية ٢٢-٢٨، ٢٠ نوفمبر، ١٨٠٠ ريال. واتساب ٠٥٠٠٠٠٢٦٢٦",
        "Saudi actress 22-28 for a perfume ad, Riyadh 20 Nov, SAR 1,800, before 15 Nov. WhatsApp +966500002626",
    ],
    ids=["itself", "header", "footer", "remark", "digits", "lines", "shortened", "translated"],
)
def test_other_dress_is_the_same_call(second: str) -> None:
    assert verdict(second) == ("same", ())


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("٢٠ نوفمبر", "٢٢ نوفمبر", "shoot_dates"),
        ("قبل ١٥ نوفمبر", "قبل ١٨ نوفمبر", "deadline"),
        ("١٨٠٠ ريال", "٢٠٠٠ ريال", "compensation"),
        ("الأجر ١٨٠٠ ريال", "العمل تطوعي", "compensation"),
    ],
)
def test_another_day_or_sum_is_an_update(before: str, after: str, field: str) -> None:
    assert verdict(CALL.replace(before, after)) == ("update", (field,))


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("0500002626", "0500002699", "contacts"),
        ("في الرياض", "في الدمام", "location_city"),
        ("ممثلة سعودية", "ممثل سعودي", "roles"),
        ("ممثلة سعودية", "ممثلة مصرية", "roles"),
        ("من ٢٢ إلى ٢٨", "من ٤٠ إلى ٥٠", "roles"),
        ("لإعلان عطر", "لإعلان سيارة", "title"),
    ],
)
def test_the_same_words_for_something_else_are_a_sibling(before: str, after: str, field: str) -> None:
    found, conflicts = verdict(CALL.replace(before, after))
    assert found == "sibling"
    assert field in conflicts


def test_another_phone_is_an_update_only_where_it_is_said_to_be_a_correction() -> None:
    changed = CALL.replace("0500002626", "0500002699")
    assert verdict(changed)[0] == "sibling"
    assert verdict("تصحيح رقم التواصل 👇\n" + changed)[0] == "update"


def test_what_the_first_post_left_out_makes_an_update_that_conflicts_in_nothing() -> None:
    first = CALL.replace("\nالأجر ١٨٠٠ ريال", "")
    assert verdict(CALL, first=first) == ("update", ())
    assert verdict(first) == ("same", ())


def test_tomorrow_forwarded_the_next_day_is_the_old_call() -> None:
    first = "نحتاج ٢٠ شاب مجاميع بكرة في جدة، ١٥٠ ريال، 0500002727"
    assert verdict("محولة\n" + first, first=first, hours=24) == ("same", ())
    assert verdict(first.replace("بكرة", "اليوم"), first=first, hours=14) == ("same", ())
    assert verdict(first.replace("بكرة", "بعد بكرة"), first=first, hours=1) == ("update", ("shoot_dates",))


@pytest.mark.parametrize(
    ("second", "fields"),
    [
        (CALL.replace("0500002626", "0500002662") + "\n(الرقم السابق كان خطأ)", ("contacts",)),
        (CALL.replace("٢٨", "٣٥") + "\nوسعنا العمر", ("roles",)),
        (CALL.replace("في الرياض", "في الدمام (مو الرياض، انتقل الموقع)"), ("location_city",)),
        ("إعلان العطر تأجل التصوير إلى ٢٧ نوفمبر، والباقي مثل ما هو 0500002626", ("shoot_dates",)),
        (CALL.replace("٢٠ نوفمبر", "٢٠-٢١ نوفمبر"), ("shoot_dates",)),
        ("تحديث\n" + CALL, ()),
    ],
    ids=["contact", "ages", "city", "terse", "a day more", "only said"],
)
def test_what_is_said_to_have_changed_is_an_update(second: str, fields: tuple[str, ...]) -> None:
    assert verdict(second) == ("update", fields)


def test_a_call_that_is_opened_to_the_other_sex_is_an_update() -> None:
    first = "Voice talent (male), 25-40, e-learning, SAR 1,800, remote. voice@example.com"
    assert verdict(first.replace("male", "male or female"), first=first)[0] == "update"


def test_the_next_episode_is_a_sibling() -> None:
    first = "مجاميع الحلقة ٣ من مسلسل الحارة: ١٠ رجال ٣٠-٥٠، جدة، ٢٠٠ ريال، 0500002728"
    assert verdict(first.replace("الحلقة ٣", "الحلقة ٤"), first=first)[0] == "sibling"


def test_what_sharing_adds_to_a_link_changes_no_contact() -> None:
    first = "Open casting for a sketch show, ages 18-40, Jeddah, 12 Dec. https://forms.gle/exSketch9"
    assert verdict("Fwd: " + first + "?usp=sharing", first=first)[0] == "same"


def test_two_offices_with_one_list_of_conditions_are_new() -> None:
    rules = "الشروط:\n- الالتزام بالمواعيد\n- خبرة سابقة\n- صور حديثة بدون فلتر\n"
    first = f"ممثل دور خالد ٣٠-٣٥ لمسلسل «العتبة»، الرياض\n{rules}info@ghaima.example"
    second = f"ممثلة دور مضاوي ٥٠-٦٠ لفيلم «صندوق»، بريدة\n{rules}cast@wadi.example"
    assert verdict(second, first=first) == ("new", ())


def test_the_same_office_with_another_call_is_new() -> None:
    assert verdict("نبحث عن معلق صوتي لوثائقي، التسليم نهاية الشهر، العينات واتساب 0500002626") == ("new", ())


@pytest.mark.parametrize("text", ["", "🔥", "منقول", "0500002626", "\u202e<script>", "a" * 20_000])
def test_no_text_is_too_odd(text: str) -> None:
    assert compare(Post(text, SENT), Post(CALL, SENT)).verdict == "new"
    compare(Post(CALL, SENT), Post(text, SENT))
    compare(Post(text, SENT), Post(text, SENT))


def test_same_call_asks_for_the_verdict_alone() -> None:
    assert same_call(CALL, SENT, "منقول\n" + CALL, SENT)
    assert not same_call(CALL, SENT, CALL.replace("الرياض", "جدة"), SENT)


def test_the_body_is_what_is_left_without_dress() -> None:
    assert body("Fwd: منقول\nمطلوب ممثل\nتابعونا @casting.ksa\nبالتوفيق للجميع 🤍") == "مطلوب ممثل"
    assert body("منقول") == "منقول"
    asked = "مطلوب مجاميع\nللتسجيل ادخل القروب https://chat.whatsapp.com/EXAMPLE2"
    assert body(asked) == asked


def test_a_short_copy_shares_pieces_with_a_long_original() -> None:
    retold = "يبون بنت سعودية لعطر بالرياض يوم ٢٠، ١٨٠٠ ريال كلموا ٠٥٠٠٠٠٢٦٢٦"
    assert set(sample(CALL)) & set(sample(retold))
    assert len(set(sample(CALL)) & set(sample("بنات 👇\n" + CALL.replace("\n", " ")))) >= 8
    assert len(sample(" ".join(f"word{number}" for number in range(90)))) == 8
    assert sample("") == ()


@pytest.fixture(scope="module")
def report() -> Report:
    path = Path(__file__).parents[2] / "corpus" / "pairs.jsonl"
    return evaluate_duplicates(labelled.pairs(path))


@pytest.mark.parametrize("held", [True, False])
def test_the_pairs_are_told_apart_as_well_as_was_promised(report: Report, *, held: bool) -> None:
    some = report.of(lambda pair: pair.held is held)
    precision, recall, accuracy = some.precision, some.recall, some.four_way_accuracy
    assert precision is not None
    assert recall is not None
    assert accuracy is not None
    assert (precision >= 0.98, recall >= 0.9, accuracy >= 0.88) == (True, True, True), some.as_json()


def test_there_are_enough_pairs_of_each_class_and_a_third_of_each_is_hard(report: Report) -> None:
    for name in ("same", "update", "sibling", "new"):
        pairs = [one.pair for one in report.judged if one.pair.verdict == name]
        assert len(pairs) >= 40
        assert sum(pair.hard for pair in pairs) >= len(pairs) / 3


def test_the_figures_say_what_was_mistaken_for_what() -> None:
    post = Post(CALL, SENT)
    pairs = [Pair("a", post, post, "same"), Pair("b", post, post, "sibling", hard=True)]
    found = evaluate_duplicates(pairs)
    assert (found.precision, found.recall, found.four_way_accuracy) == (0.5, 1.0, 0.5)
    assert found.confusion["sibling"]["same"] == 1
    assert [one.pair.id for one in found.wrong] == ["b"]
    assert found.as_json()["hard"]["n"] == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": None}, "needs an id"),
        ({"verdict": "like"}, "verdict is one of same, update"),
        ({"conflicts": "city"}, "conflicts is a list"),
        ({"first": {"text": " "}}, "first needs a text"),
        ({"second": {"text": "a", "sent_at": "soon"}}, "second: sent_at is a time"),
        ({"second": {"text": "a", "sent_at": "2026-11-10T18:00:00"}}, "needs a time zone"),
    ],
)
def test_a_malformed_pair_is_told_by_its_id_and_what_is_wrong(change: dict[str, object], told: str) -> None:
    post = {"text": "a", "sent_at": "2026-11-10T18:00:00+03:00", "group": "g"}
    row = {"id": "p1", "first": post, "second": post, "verdict": "same", "conflicts": []}
    with pytest.raises(Malformed, match=told):
        Pair.of(row | change)
