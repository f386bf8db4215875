"""How other writers word a deadline, a day of work, pay, a role and a project: one class of wordings a table."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from services.extractor.offline import project_model
from services.extractor.offline.engine import extract
from services.operator.train_projects import train
from shared.arabic.dates import RIYADH
from shared.contracts.calls import CastingCall, Gender, PayKind, ProjectType
from shared.errors import Misconfigured

SENT = datetime(2026, 11, 2, 10, 0, tzinfo=RIYADH)  # a Monday
POST = "مطلوب ممثل لإعلان في الرياض. "


def call(text: str) -> CastingCall:
    found = extract(text, SENT).call
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("التقديم مفتوح لين ٩ نوفمبر", 9),
        ("الموعد الأخير عقب اسبوع من اليوم", 9),
        ("آخر استقبال ٧ نوفمبر", 7),
        ("القائمة تتقفل خلال ٤٨ ساعة", 4),
        ("أرسل تسجيلك قبل انقضاء ٤٨ ساعة", 4),
        ("ارسلوا المقاطع قبل نهاية الدوام", 2),
        ("راسلونا قبل منتصف الليل", 2),
        ("ردوا علينا قبل الخميس", 5),
        ("بحد أقصى ٦ نوفمبر ترسلون المقاطع", 6),
        ("ارسلوا اليوم، بكرة ما ينفع", 2),
        ("اللي حابب يحكيني واتساب لبكرا", 3),
        ("لحد يوم التلات", 3),
        ("تُستقبل الطلبات حتى منتصف ليل الخامس من نوفمبر", 5),
        ("Send selfies to us EOD Thursday", 5),
        ("Photos please, latest tomorrow 6pm", 3),
        ("Today please.", 2),
        ("I'm locking on the 12th.", 12),
        ("Sometime before the 20th if possible.", 20),
        ("send ur demo, 24h max", 3),
        ("We're closing this on Monday", 9),
        ("snap pics gabl el arbe3a", 4),
    ],
)
def test_a_deadline_is_read_in_other_words(words: str, day: int) -> None:
    found = call(POST + words)
    assert (found.deadline, found.shoot_dates) == (date(2026, 11, day), None)


@pytest.mark.parametrize(
    "words",
    [
        "التصوير ٨ نوفمبر",
        "يوقف جنب السيارة ليلة ٨ نوفمبر، تصوير ثابت",
        "who wants to be locked in a basement on 8 Nov",
        "client picks on the 14th, we shoot 8 Nov",
    ],
)
def test_a_day_of_work_is_no_deadline(words: str) -> None:
    found = call(POST + words)
    assert found.deadline is None
    assert found.shoot_dates is not None
    assert found.shoot_dates.start == date(2026, 11, 8)


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("التصوير جمعة وسبت الجايين", (11, 6), (11, 7)),
        ("التصوير بكرة وبعده", (11, 3), (11, 4)),
        ("three days: Thu Fri Sat", (11, 5), (11, 7)),
        ("2-day shoot, w/c 8 Nov", (11, 8), (11, 14)),
        ("17 Nov 7-10pm", (11, 17), (11, 17)),
        ("Shoot Nov 15 + 16", (11, 15), (11, 16)),
        ("العرض في السادس والسابع من كانون الأول", (12, 6), (12, 7)),
        ("تأجيل التصوير إلى ٧ - ١١ نوفمبر", (11, 7), (11, 11)),
        ("نصور بتشرين التاني", (11, 1), (11, 30)),
        ("أول ثلاثة أيام من ديسمبر", (12, 1), (12, 3)),
        ("flash mob on NYE", (12, 31), (12, 31)),
    ],
)
def test_days_of_work_are_read_in_other_words(words: str, start: tuple[int, int], end: tuple[int, int]) -> None:
    found = call(POST + words).shoot_dates
    assert found is not None
    assert (found.start, found.end) == (date(2026, *start), date(2026, *end))


@pytest.mark.parametrize(
    ("words", "kind", "amount"),
    [
        ("بكرة ٤ العصر شمال جدة ٣٠٠", PayKind.PAID, 300),
        ("١٧٠٠ إلى ٢٢٠٠ حسب الاتفاق", PayKind.PAID, 1700),
        ("استديو في الرياض. ثلاثة آلاف وخمسمية. كلموني", PayKind.PAID, 3500),
        ("فيديو ٣٠ ثانية. ٤٠٠ للفيديو", PayKind.PAID, 400),
        ("أجرة الحلقة ١٢٠٠", PayKind.PAID, 1200),
        ("el flos 1700", PayKind.PAID, 1700),
        ("والأجر حسب الخبرة", PayKind.PAID, None),
        ("المبلغ نتكلم فيه بعدين", PayKind.PAID, None),
        ("Payment as per experience", PayKind.PAID, None),
        ("rate on call", PayKind.PAID, None),
        ("مفيش فلوس بس في أكل", PayKind.UNPAID, None),
        ("mafi floos bs el 3asha 3alena", PayKind.UNPAID, None),
        ("ميزانيتي صفر ريال", PayKind.UNPAID, None),
        ("نعطيك أكل قطط بدل المصاري", PayKind.UNPAID, None),
        ("Expenses covered, no fee", PayKind.UNPAID, None),
        ("Can't pay but you'll get mince pies", PayKind.UNPAID, None),
        ("المقابل المفرش نفسه", PayKind.UNPAID, None),
        ("طوله فوق ١٨٠", PayKind.UNSPECIFIED, None),
        ("شارع ٣٠٠", PayKind.UNSPECIFIED, None),
        ("مرحباً ألف", PayKind.UNSPECIFIED, None),
        ("Casting a pizza brand, send your showreel", PayKind.UNSPECIFIED, None),
        ("أرسلوا نسخة من الهوية", PayKind.UNSPECIFIED, None),
    ],
)
def test_pay_is_read_in_other_words(words: str, kind: PayKind, amount: int | None) -> None:
    pay = call(POST + words).compensation
    assert (pay.kind, pay.amount) == (kind, None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("بدنا صبية وشب لدعاية", [(Gender.FEMALE, None), (Gender.MALE, None)]),
        ("نبي ٤ شواب و٢ عيايز لفيلم", [(Gender.MALE, None), (Gender.FEMALE, None)]),
        ("music video in Dubai: 6 F + 6 M, 20-30", [(Gender.FEMALE, (20, 30)), (Gender.MALE, (20, 30))]),
        ("we want 2 baristas (F 20-26, M 21-27) for a film", [(Gender.FEMALE, (20, 26)), (Gender.MALE, (21, 27))]),
        ("صوت سوداني + صوت مغربي، رجال، لإعلان راديو", [(Gender.MALE, None), (Gender.MALE, None)]),
        ("مطلوب لمسلسل: بطل، رجل أو امرأة ٣٠-٤٠", [(Gender.ANY, (30, 40))]),
        ("Film casting\n- Um Nasser, 55-65\n- Abu Nasser, 60-70", [(Gender.FEMALE, (55, 65)), (Gender.MALE, (60, 70))]),
        (
            "مسلسل بدوي:\n● ابنه عقاب (٢٥-٣٢)\n● ابنة الشيخ (١٨-٢٤)",
            [(Gender.MALE, (25, 32)), (Gender.FEMALE, (18, 24))],
        ),
        ("لمسلسل:\n- ممثلون ٣٠-٤٥\n- ممثلات ٢٥-٤٠", [(Gender.MALE, (30, 45)), (Gender.FEMALE, (25, 40))]),
        ("نبغى عجوز لفيلم، وولد بعمر ١٢.", [(Gender.FEMALE, None), (Gender.MALE, (12, 12))]),
        ("نبي رجال بين الـ٥٥ والـ٦٥ لإعلان", [(Gender.MALE, (55, 65))]),
        ("نبي رجل خمسة وخمسين وفوق لإعلان", [(Gender.MALE, (55, None))]),
    ],
)
def test_roles_are_told_apart(text: str, roles: list[tuple[Gender, tuple[int, int | None] | None]]) -> None:
    found = [(role.gender, (role.age_min, role.age_max)) for role in call(text).roles]
    assert found == [(gender, ages or (None, None)) for gender, ages in roles]


def test_the_writer_s_own_i_am_makes_no_man_of_the_role() -> None:
    assert call("Hi, I'm casting a short film. She's 30-35, tired eyes.").roles[0].gender is Gender.FEMALE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ابغى صوت لإعلان راديو ١٥ ثانية", ProjectType.VOICE_OVER),
        ("Need a British RP male voice for a museum lift", ProjectType.VOICE_OVER),
        ("نبي شايب لوثائقي صغير", ProjectType.FILM),
        ("Horror short, need a guy in his 20s", ProjectType.FILM),
        ("ناقصتنا وحدة بالسكتش", ProjectType.OTHER),
        ("we need 5 persons for a safety video", ProjectType.OTHER),
        ("Remittance app film, a family wanted", ProjectType.COMMERCIAL),
        ("12 dancers for a flash mob in a mall", ProjectType.EVENT),
        ("Amateur company, on stage in January, one woman 28-45", ProjectType.THEATRE),
        ("عمل درامي كويتي لرمضان ناقصنا شاب", ProjectType.SERIES),
        ("نحتاج صف مصلين لمشهد تراويح", ProjectType.EXTRAS),
        ("clip rap jdeed nebgha 4 banat", ProjectType.MUSIC_VIDEO),
        ("يد رجالية نظيفة لتصوير ساعات", ProjectType.MODELLING),
        ("بنت تسوي ريفيو حق كوفي", ProjectType.UGC),
    ],
)
def test_the_project_type_is_told_by_other_words(text: str, kind: ProjectType) -> None:
    assert call(text).project_type is kind


def test_words_that_no_list_holds_decide_by_the_trained_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = {project_model.BIAS: {ProjectType.FILM: -1.0}, "زبرجد": {ProjectType.FILM: 3.0}}
    monkeypatch.setattr(project_model, "_weights", lambda: weights)
    found = extract("نبي رجال في الزبرجد", SENT)
    assert found.call is not None
    assert found.call.project_type is ProjectType.FILM
    assert found.evidence["project_type"].text == "الزبرجد"


def test_a_file_of_weights_names_its_bad_lines() -> None:
    with pytest.raises(Misconfigured, match="model:2"):
        project_model.parse("#\tfilm=0.1\nword film=0.1\n")
    with pytest.raises(Misconfigured, match="no line for '#'"):
        project_model.parse("word\tfilm=0.1\n")


def test_the_same_calls_give_the_same_weights_in_any_order() -> None:
    corpus = Path(__file__).parents[2] / "corpus" / "dev.jsonl"
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()[:60]]
    weights = train(rows)
    assert weights
    assert weights == train(list(reversed(rows)))
    assert project_model.parse(project_model.dump(weights)) == weights
