"""What looks like a date, pay, an age, a contact, a city or a company of a call, and is none. Read on a Monday."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from services.extractor.offline.engine import extract
from shared.arabic.dates import RIYADH
from shared.contracts.calls import CastingCall, Gender

SENT = datetime(2026, 11, 9, 18, 0, tzinfo=RIYADH)
POST = "مطلوب رجل ٣٠-٤٠ لإعلان، راسلونا 0500073200. "
ENGLISH = "Male actor 30-40 needed for a film, mail a@example.com. "


def call(text: str) -> CastingCall:
    found = extract(text, SENT).call
    assert found is not None
    return found


@pytest.mark.parametrize(
    "words",
    [
        "البروفات قبل ٢٠ نوفمبر",
        "التسليم قبل الأحد",
        "لازم يسلّم الشغل قبل ١٥ نوفمبر",
        "المستحقات تحول قبل نهاية الشهر",
        "الرد على المقبولين قبل الخميس",
        "من لم يتم التواصل معه حتى ١٥ نوفمبر يعتبر غير مقبول",
        "جواز سفر ساري حتى مايو ٢٠٢٧",
        "متواجد في الرياض حتى ٣٠ نوفمبر",
        "الخصم ساري حتى ٢٠ نوفمبر",
        "لا تحلق لحيتك قبل ٢٠ نوفمبر",
        "التصوير من الساعة ٤ العصر لين ١٢ الليل يوم الجمعة",
        "نبيهم بكرة من ٣ العصر حتى منتصف الليل",
        "التصوير من منتصف نوفمبر لين نهاية ديسمبر",
        "التصوير ٢٠ نوفمبر ويستمر حتى ٢٥ ديسمبر",
        "التصوير يوم ٢٠ نوفمبر وممكن يتأجل الى ٢٢ نوفمبر",
        "العقد يبدأ ١ ديسمبر وينتهي ٣٠ يناير",
        "العقد ٣ أشهر ينتهي ٢٨ فبراير",
    ],
)
def test_a_day_before_which_something_else_ends_is_no_deadline(words: str) -> None:
    assert call(POST + words).deadline is None


@pytest.mark.parametrize(
    "words",
    [
        "Delivery by Sunday",
        "Final files due 15 Nov",
        "We will get back to shortlisted people by Thursday",
        "Passport valid until June 2027",
        "Must be available in Riyadh until 30 Nov",
        "Must be in Riyadh by 20 Nov",
        "Don't cut your hair before 20 Nov",
        "Friday 6pm until 2am Saturday",
        "We travel on 15 Nov",
    ],
)
def test_an_english_day_before_which_something_else_ends_is_no_deadline(words: str) -> None:
    assert call(ENGLISH + words).deadline is None


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("آخر موعد لتسليم الفيديوهات قبل ١٥ نوفمبر", 15),
        ("التقديم للي متواجد بالرياض قبل ١٥ نوفمبر", 15),
        ("التسليم بعد أسبوعين، ارسل عينتك قبل ١٥ نوفمبر", 15),
        ("الرد سريع، التسجيل حتى ١٥ نوفمبر", 15),
        ("التقديم يبدأ ١١ نوفمبر وينتهي ١٥ نوفمبر", 15),
        ("أرسل قبل الساعة ٩ مساء اليوم 0500073200", 9),
        ("ابعتوا صوركم قبل الاربع", 11),
        ("ابعتوا لحد الحد", 15),
        ("deadline: 11/14/2026", 14),
        ("You've 24 hours to apply", 10),
        ("Food delivery spot, needed by Sunday", 15),
        ("Form available until 15 Nov", 15),
    ],
)
def test_an_application_is_still_one_beside_them(words: str, day: int) -> None:
    assert call(POST + words).deadline == date(2026, 11, day)


@pytest.mark.parametrize(
    "words",
    [
        "تجارب الأداء ٢٠-٢٢ نوفمبر في الرياض",
        "تجارب الأداء الخميس والجمعة القادمين",
        "الكاستنج يوم الخميس ١٢ نوفمبر",
        "Open casting Thursday 12 Nov 4-8pm",
        "Rehearsals start 15 Nov",
        "الاعلان ينزل ١ ديسمبر",
        "The ad airs 1 Dec",
        "استخدام الاعلان سنة من ١ ديسمبر",
        "الفيلم يعرض في مهرجان البحر ديسمبر القادم",
        "صورنا الموسم الأول ٥ مايو ٢٠٢٤",
        "تأسست شركتنا ٥ مايو ٢٠١٩",
        "A story set on 3 December 1979",
        "سنعلن الأسماء الخميس",
        "Invoice paid on 30 Dec",
        "Posted 8 Nov",
        "Brief goes out 20 Nov, delivery 27 Nov",
        "التصوير الأسبوع الثاني من ديسمبر",
        "التصوير آخر أسبوع من نوفمبر",
        "Shoot 3rd week of Nov",
    ],
)
def test_a_day_of_something_else_and_a_vague_one_are_no_day_of_work(words: str) -> None:
    found = call(POST + words)
    assert (found.shoot_dates, found.deadline) == (None, None)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("التصوير ٢٠ نوفمبر ويستمر حتى ٢٥ ديسمبر", date(2026, 11, 20), date(2026, 12, 25)),
        ("التصوير من ٢٥ نوفمبر لغاية آخر يناير", date(2026, 11, 25), date(2027, 1, 31)),
        ("التصوير ٢٠-١١ الى ٢٣-١١", date(2026, 11, 20), date(2026, 11, 23)),
        ("٢٢ يوم تصوير من ٢٠ نوفمبر", date(2026, 11, 20), None),
        ("٣ أيام تصوير من ٢٠ نوفمبر", date(2026, 11, 20), date(2026, 11, 22)),
        ("التصوير بين ٢٠ و٢٢ من الشهر القادم", date(2026, 12, 20), date(2026, 12, 22)),
        ("التصوير يومين ٢٥ و ٢٦ نوفمبر، ٢٠٠٠ ريال", date(2026, 11, 25), date(2026, 11, 26)),
        ("Shoot either 27, 28 or 29 Nov", date(2026, 11, 27), date(2026, 11, 29)),
        ("Prep from 12 Nov, principal photography 22 Nov – 18 Jan", date(2026, 11, 22), date(2027, 1, 18)),
        ("Rehearsals start 15 Nov, show 10-12 Dec", date(2026, 12, 10), date(2026, 12, 12)),
    ],
)
def test_the_days_of_work_are_read_whole(words: str, first: date, last: date | None) -> None:
    shoot = call(POST + words).shoot_dates
    assert shoot is not None
    assert (shoot.start, shoot.end) == (first, last)


@pytest.mark.parametrize(
    "words",
    [
        "الفيلم ميزانيته ٥ مليون ريال",
        "الفيلم حاصل على منحة ٥٠٠ ألف ريال",
        "الفيلم حاصل على دعم ٢ مليون ريال من الهيئة",
        "A film with a SAR 4 million budget",
        "We won SAR 50,000 from a fund",
        "رسوم التسجيل ١٠٠ ريال",
        "Penalty SAR 500 for no-shows",
        "For people with 5k+ followers",
        "A phone priced at SAR 2,999",
        "Call time 0600, wrap 1800",
        "مواليد ١٩٩٥ الى ٢٠٠٠ لاعلان",
    ],
)
def test_a_sum_that_nobody_is_paid_is_no_pay(words: str) -> None:
    pay = call(POST + words).compensation
    assert (pay.kind.value, pay.amount) == ("unspecified", None)


@pytest.mark.parametrize(
    ("words", "low", "high", "currency"),
    [
        ("SAR 3,000/day (≈ $800)", 3000, None, "SAR"),
        ("Fee: $800 (SAR 3,000)", 800, None, "USD"),
        ("الأجر ٣٠٠٠ ريال (حوالي ٨٠٠ دولار)", 3000, None, "SAR"),
        ("الأجر بين ألفين وثلاثة آلاف ريال", 2000, 3000, "SAR"),
        ("ميتين ثلاثمية ريال لليوم", 200, 300, "SAR"),
        ("الأجر ٢٠٠٠ ريال + بدل مواصلات ٢٠٠ ريال", 2000, None, "SAR"),
        ("الفيلم بميزانية ٣ ملايين ريال، والأجر ١٠ آلاف ريال", 10000, None, "SAR"),
        ("we got funding: SAR 500 now", 500, None, "SAR"),
        ("how much: 6-8k depending on usage", 6000, 8000, None),
    ],
)
def test_pay_is_told_from_what_stands_beside_it(words: str, low: int, high: int | None, currency: str | None) -> None:
    pay = call(POST + words).compensation
    found = [int(one) if one else None for one in (pay.amount, pay.amount_max)]
    assert (*found, pay.currency) == (low, high, currency)


def test_an_age_behind_a_sum_is_none() -> None:
    pay = call("الأجر ٥٠٠٠ ريال، مطلوب رجل ٤٠-٥٠ لإعلان 0500073200").compensation
    assert pay.amount == 5000
    assert pay.amount_max is None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("مطلوب رجل وزنه ٧٠-٨٠ وعمره ٢٥-٣٠ لاعلان", 25, 30),
        ("مطلوب بنت مقاسها ٣٦-٤٠ لاعلان", None, None),
        ("Girl needed for a lookbook, dress size 36-40, shoe 38-40", None, None),
        ("مطلوب بنت خبرتها ١٠-١٥ سنة لاعلان", None, None),
        ("Actor needed for a film, 10+ years experience", None, None),
        ("Actress wanted for a film set 20 years ago", None, None),
        ("شركة عمرها ٢٠ سنة تطلب ممثل لاعلان", None, None),
        ("مطلوب أم عندها طفل ٣-٥ سنوات لاعلان", None, None),
        ("مطلوب ممثل عمره ٦ او ٧ سنوات لاعلان", 6, 7),
        ("مطلوب شباب مواليد ٩٠-٩٥ لاعلان", 31, 36),
        ("Girls born 2015-2018 for a TVC", 8, 11),
        ("مطلوب شباب مواليد ٩٨ وفوق لاعلان", None, 28),
        ("مطلوب بيبي من ٨ شهور الى سنة ونص لاعلان", 0, 1),
        ("مطلوب رجل من سن ٢١ لاعلان", 21, None),
        ("مطلوب رجل من سن ٢١ الى ٣٠ لاعلان", 21, 30),
        ("مطلوب رجل كبير في السن فوق ٦٠ لاعلان", 60, None),
    ],
)
def test_a_number_is_an_age_only_where_it_is_one(text: str, low: int | None, high: int | None) -> None:
    role = call(f"{text} 0500073200").roles[0]
    assert (role.age_min, role.age_max) == (low, high)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("نحتاج خمسة شباب وثلاث بنات لمشهد عرس", [("male", 5), ("female", 3)]),
        ("كومبارس: رجال بدو ٤٠ شخص + ١٥ امرأة", [("male", 40), ("female", 15)]),
        ("مطلوب رجال فوق ال٤٠ للتصوير", [("male", None)]),
        ("مطلوب ممثلة دور أم لثلاث بنات لفيلم", [("female", None)]),
        ("اكتملت أدوار الرجال، باقي بنت ٢٠-٢٥ لفيلم", [("female", None)]),
        ("مرحبا صبايا، بدنا بنت ٢٠-٢٥ لاعلان", [("female", None)]),
        ("مطلوب لفيلم: بنت ٢٠-٢٥ ورجل ٦٠-٦٥. للبنت ٨٠ ألف جنيه وللرجل ٥٠ ألف جنيه", [("female", None), ("male", None)]),
        ("مطلوب ست بنات وسبع شباب لإعلان", [("female", 6), ("male", 7)]),
        ("مطلوب خمسة وعشرين رجل لإعلان", [("male", 25)]),
        ("لا نحتاج بنات، فقط شباب ٢٠-٢٥ لاعلان", [("male", None)]),
        ("مين عندها بيبي ٦-٩ شهور لاعلان حفاضات", [(None, None)]),
    ],
)
def test_nobody_is_sought_twice_or_in_anothers_number(text: str, wanted: list[tuple[str | None, int | None]]) -> None:
    found = call(f"{text} 0500073200").roles
    assert [(role.gender.value if role.gender else None, role.count) for role in found] == wanted


def test_what_a_bracket_counts_is_how_many_are_sought() -> None:
    found = call("مطلوب لمسلسل:\n- شيخ القبيلة | رجل | ٥٥-٦٥\n- أطفال (٣ أولاد) | ٧-١١\n0500073200").roles
    assert [(role.name, role.gender, role.count) for role in found] == [
        ("شيخ القبيلة", Gender.MALE, None), ("أطفال", Gender.MALE, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("احجز موعدك واتس 0500073206", "whatsapp"),
        ("now on WhatsApp 0500073206", "whatsapp"),
        ("ع الوتس 0500073206", "whatsapp"),
        ("لا واتس، اتصال فقط 0500073206", "phone"),
    ],
)
def test_whatsapp_is_denied_by_a_whole_word_only(words: str, kind: str) -> None:
    found = call(f"مطلوب رجل ٣٠-٤٠ لإعلان {words}").contacts
    assert [(one.kind.value, one.value) for one in found] == [(kind, "+966500073206")]


@pytest.mark.parametrize(
    "words",
    ["mood reference: https://video.example.com/1", "تابعونا @kasting.ex", "لا ترسلوا على 0500073205"],
)
def test_what_is_to_be_seen_or_not_to_be_called_is_no_contact_beside_another(words: str) -> None:
    found = call(f"مطلوب رجل ٣٠-٤٠ لإعلان\n{words}\nالتقديم a@example.com").contacts
    assert [one.value for one in found] == ["a@example.com"]


def test_a_group_behind_the_form_is_no_way_to_apply() -> None:
    found = call("Extras 18-60 needed. Register here: https://example.com/f . Group: https://chat.whatsapp.com/EXbvd")
    assert [one.value for one in found.contacts] == ["https://example.com/f"]


def test_the_only_contact_is_kept_whatever_stands_before_it() -> None:
    assert [one.value for one in call("مطلوب رجل ٣٠-٤٠ لإعلان تابعونا @kasting.ex").contacts] == ["kasting.ex"]


@pytest.mark.parametrize(
    ("words", "city"),
    [
        ("لفيلم ليلة في جدة، التصوير تبوك", "Tabuk"),
        ("شركة الرياض للإنتاج، التصوير في أبها", "Abha"),
        ("تجارب الأداء في الرياض والتصوير في جدة", "Jeddah"),
        ("#jeddah #riyadh shoot in Dammam", "Dammam"),
        ("التصوير في الرياض وجدة", "Riyadh"),
        ("يا أهل عروس البحر، نصور عندكم", "Jeddah"),
    ],
)
def test_the_city_is_that_of_the_work(words: str, city: str) -> None:
    assert call(f"مطلوب رجل ٣٠-٤٠ {words} 0500073200").location_city == city


@pytest.mark.parametrize(
    "words",
    [
        "brand: local perfume",
        "Production: TBA",
        "By: tomorrow",
        "الإنتاج: مستقل",
        "جهة الإنتاج: سيعلن عنها لاحقا",
        "شركة إنتاج كبيرة تبحث عن وجوه",
        "وكالة إعلانية بجدة تبحث عن وجوه",
    ],
)
def test_what_stands_for_a_name_is_no_company(words: str) -> None:
    assert call(f"مطلوب رجل ٣٠-٤٠ لإعلان 0500073200\n{words}").production_company is None


@pytest.mark.parametrize(
    "words",
    [
        "Rolling applications till roles are filled. Shoot 20 Nov with our film team a@example.com",
        "نستقبل المشاركات في الفيلم حتى اكتمل العدد a@example.com",
    ],
)
def test_a_call_that_is_open_until_it_is_full_is_not_closed(words: str) -> None:
    assert extract(words, SENT).call is not None


def test_an_agency_behind_a_bar_is_the_company() -> None:
    assert call(POST + "\nClient: confidential | Agency: Blue Fox").production_company == "Blue Fox"


def test_a_film_that_is_called_something_is_titled_so() -> None:
    assert call("مشروع تخرج فيلم قصير اسمه (ظل نخلة) نحتاج ام ٥٠-٦٠ 0500073200").title == "ظل نخلة"
