"""How people of the groups write sums, phone numbers and numbers: each wording alone."""

from __future__ import annotations

import pytest

from shared.arabic.digits import find_numbers
from shared.arabic.money import find_money
from shared.arabic.normalise import fold
from shared.arabic.phones import find_phones

SUMS = """
٥٠٠ ريال/يوم = 500 SAR day
500 ريال باليوم = 500 SAR day
500 ريال في اليوم الواحد = 500 SAR day
500 ريال يومياً = 500 SAR day
500ريال = 500 SAR None
500ر.س = 500 SAR None
500 ر.س = 500 SAR None
500 ﷼ = 500 SAR None
500 رس = 500 SAR None
SR500 = 500 SAR None
500SR = 500 SAR None
500 SAR/day = 500 SAR day
SAR 500 per day = 500 SAR day
SAR 500/day = 500 SAR day
SAR500/day = 500 SAR day
SAR 500 a day = 500 SAR day
SAR 500 daily = 500 SAR day
500 Saudi Riyals = 500 SAR None
500 riyals per day = 500 SAR day
SAR 3,000, lunch = 3000 SAR None
3,000 ريال، = 3000 SAR None
SAR 1.5k = 1500 SAR None
1.5k SAR = 1500 SAR None
2K ريال = 2000 SAR None
٢ الف ريال = 2000 SAR None
ألفين ريال = 2000 SAR None
ألفين وخمسمية ريال = 2500 SAR None
الف و خمسمية ريال = 1500 SAR None
ألف وخمسمائة ريال = 1500 SAR None
ألف ونص ريال = 1500 SAR None
الف ومئتين ريال = 1200 SAR None
ميتين ريال = 200 SAR None
مئتين ريال = 200 SAR None
مائتي ريال = 200 SAR None
مئتا ريال = 200 SAR None
خمسمئة ريال = 500 SAR None
خمسمائة ريال = 500 SAR None
خمس مئة ريال = 500 SAR None
خمس ميه ريال = 500 SAR None
ثلاث آلاف ريال = 3000 SAR None
ثلاثة آلاف ريال = 3000 SAR None
ثلاثة الاف وخمسمية ريال = 3500 SAR None
اربع الاف ريال = 4000 SAR None
سبعمية وخمسين ريال = 750 SAR None
سبعميه وخمسين =
ثمانمئة ريال = 800 SAR None
ألف ريال = 1000 SAR None
٨٠٠ درهم = 800 AED None
800 AED = 800 AED None
AED 800 = 800 AED None
Dhs 800 = 800 AED None
800 د.إ = 800 AED None
800 درهم إماراتي لليوم = 800 AED day
٥٠ د.ك = 50 KWD None
50 دك = 50 KWD None
50 دينار كويتي = 50 KWD None
٥٠ د.ك في اليوم = 50 KWD day
KWD 50 = 50 KWD None
KD50 = 50 KWD None
50KD/day = 50 KWD day
50 د.ب = 50 BHD None
BD 50 = 50 BHD None
BHD 50 per day = 50 BHD day
500 ر.ق = 500 QAR None
QR 500 = 500 QAR None
500 ريال قطري = 500 QAR None
50 ر.ع = 50 OMR None
50 ريال عماني = 50 OMR None
OMR 50/day = 50 OMR day
$200/day = 200 USD day
200$ = 200 USD None
USD 200 = 200 USD None
US$200 = 200 USD None
200 دولار = 200 USD None
500 جنيه = 500 EGP None
1,000-1,500 SAR = 1000 SAR None;1500 SAR None
1000-1500 ريال = 1000 SAR None;1500 SAR None
1000 - 1500 ريال = 1000 SAR None;1500 SAR None
من 1000 إلى 1500 ريال = 1000 SAR None;1500 SAR None
من ١٠٠٠ لين ١٥٠٠ ريال = 1000 SAR None;1500 SAR None
SAR 1000-1500 = 1000 SAR None;1500 SAR None
SAR 1,000 to 1,500 = 1000 SAR None;1500 SAR None
SAR 1000 – SAR 1500 = 1000 SAR None;1500 SAR None
بين 1000 و 1500 ريال = 1000 SAR None;1500 SAR None
بين ١٠٠٠ و١٥٠٠ ريال = 1000 SAR None;1500 SAR None
1-2k SAR = 1000 SAR None;2000 SAR None
500 ريال للساعة = 500 SAR hour
100 ريال بالساعة = 100 SAR hour
SAR 100/hr = 100 SAR hour
SAR 100 per hour = 100 SAR hour
4000 ريال شهرياً = 4000 SAR month
4000 ريال بالشهر = 4000 SAR month
SAR 4000/month = 4000 SAR month
SAR 4000 monthly = 4000 SAR month
5000 ريال للمشروع = 5000 SAR project
5000 ريال للمشروع كامل = 5000 SAR project
SAR 5000 per project = 5000 SAR project
SAR 5000 flat = 5000 SAR project
SAR 5000 flat fee = 5000 SAR project
SAR 5000 total = 5000 SAR project
SAR 5000 buyout = 5000 SAR None
5000 ريال إجمالي = 5000 SAR project
5000 ريال عن كامل العمل = 5000 SAR project
5000 ريال عن العمل كامل = 5000 SAR project
5000 ريال كامل = 5000 SAR project
5000 ريال لكامل المشروع = 5000 SAR project
5000 ريال مقطوعة = 5000 SAR project
SAR 300 per video = 300 SAR project
300 ريال للفيديو الواحد = 300 SAR project
300 ريال لكل فيديو = 300 SAR project
300 ريال للحلقة = 300 SAR None
700 ريال لليوم التصويري = 700 SAR day
700 ريال عن اليوم = 700 SAR day
700 ريال عن كل يوم تصوير = 700 SAR day
700 ريال ليوم التصوير = 700 SAR day
700 ريال اليوم = 700 SAR day
700 ريال لليلة = 700 SAR day
700 ريال سعودي لليوم = 700 SAR day
700 ريال سعودي يوميا = 700 SAR day
700 SAR per shoot day = 700 SAR day
700 SAR per shooting day = 700 SAR day
700 SAR/shoot day = 700 SAR day
SAR 700 p/d = 700 SAR day
SAR 700 pd = 700 SAR day
SAR 700 per night = 700 SAR day
SAR 700 (per day) = 700 SAR day
SAR 700 each day = 700 SAR day
SAR 700 net per day = 700 SAR day
700 ريال صافي باليوم = 700 SAR day
700 ريال كاش لليوم = 700 SAR day
700 ريال / اليوم = 700 SAR day
700 ريال (لليوم الواحد) = 700 SAR day
700 ريال لكل يوم تصوير = 700 SAR day
SAR 1500/ day = 1500 SAR day
و١٢٠٠ ريال = 1200 SAR None
ب١٢٠٠ ريال = 1200 SAR None
بـ ١٢٠٠ ريال = 1200 SAR None
بـ١٢٠٠ ريال = 1200 SAR None
ل٣٠٠٠ ريال = 3000 SAR None
١٢٠٠﷼ = 1200 SAR None
€300 = 300 EUR None
SAR: 500 = 500 SAR None
500.00 SAR = 500 SAR None
١٬٥٠٠ ريال = 1500 SAR None
١,٥٠٠ ريال = 1500 SAR None
1 500 SAR = 1500 SAR None
ریال 500 =
500 ⃁ = 500 SAR None
"""

PHONES = """
0500000123 = +966500000123
٠٥٠٠٠٠٠١٢٣ = +966500000123
050 000 0123 = +966500000123
050-000-0123 = +966500000123
05 0000 0123 = +966500000123
05 00 00 01 23 = +966500000123
0 5 0 0 0 0 0 1 2 3 = +966500000123
+966 50 000 0123 = +966500000123
+966500000123 = +966500000123
+966-50-000-0123 = +966500000123
+966 (0) 50 000 0123 = +966500000123
+9660500000123 = +966500000123
00966500000123 = +966500000123
966500000123 = +966500000123
966 50 000 0123 = +966500000123
٩٦٦٥٠٠٠٠٠١٢٣ = +966500000123
٩٦٦٥٠٠٠٠٠١٢٣+ = +966500000123
966500000123+ = +966500000123
500000123 = +966500000123
(050) 000-0123 = +966500000123
050.000.0123 = +966500000123
050_000_0123 = +966500000123
05٠٠٠٠٠١٢٣ = +966500000123
wa.me/966500000123 = +966500000123
https://wa.me/+966500000123 = +966500000123
api.whatsapp.com/send?phone=966500000123 = +966500000123
tel:0500000123 = +966500000123
واتس:0500000123 = +966500000123
واتساب0500000123 = +966500000123
رقم0500000123للتواصل = +966500000123
📞0500000123📞 = +966500000123
0️⃣5️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣ = +966500000123
*0500000123* = +966500000123
_0500000123_ = +966500000123
+971 50 000 0123 = +971500000123
971500000123 = +971500000123
00971 50 0000123 = +971500000123
+965 5000 0123 = +96550000123
96550000123 = +96550000123
+973 3300 0123 = +97333000123
97333000123 = +97333000123
+974 5500 0123 = +97455000123
97455000123 = +97455000123
+968 9000 0123 = +96890000123
96890000123 = +96890000123
+20 100 000 0123 = +201000000123
+962 7 9000 0123 = +962790000123
+961 3 000 123 = +9613000123
0112345678 = +966112345678
920000123 = +966920000123
9200 00123 = +966920000123
8001234567 = +9668001234567
+44 7700 900123 = +447700900123
+1 202 555 0123 = +12025550123
صفر خمسة خمسة صفر صفر صفر صفر واحد اثنين ثلاثة = +966550000123
صفر خمسه صفر صفر صفر صفر صفر واحد اثنين ثلاثه = +966500000123
zero five zero zero zero zero zero one two three = +966500000123
zero five five, zero zero zero, zero one two three = +966550000123
05oooooooo =
0500000123/0500000124 = +966500000123,+966500000124
0500000123 - 0500000124 = +966500000123,+966500000124
0500000123 او 0500000124 = +966500000123,+966500000124
0500000123, 0500000124 = +966500000123,+966500000124
0500000123 0500000124 = +966500000123,+966500000124
+966500000123+966500000124 = +966500000123,+966500000124
0500000123 (سارة) = +966500000123
الأجر 1500 والعمر 25 =
2026-11-15 =
من 20 إلى 40 =
1,500,000 =
15/11/2026 - 20/11/2026 =
"""

NUMBERS = """
3,000, = 3000
(3,000) = 3000
3,000. = 3000
و3000 = 3000
بـ3000 = 3000
ب3000 = 3000
SAR3,000 = 3000
3000ريال = 3000
3000SAR = 3000
3000sr = 3000
ميه وعشرين = 120
مية وخمسين = 150
١٥٠٠-٢٠٠٠ = 1500 2000
2.5k = 2500
الف ومية = 1100
الفين الا ربع = 2000
سته وعشرين = 26
ستعش = 16
ثلاثتعش = 13
اثني عشر = 12
خمسة عشر = 15
three thousand = 3000
three thousand five hundred = 3500
five hundred = 500
a thousand = 1000
twenty five = 25
10k-15k = 10000 15000
10-15k = 10000 15000
100 الف = 100000
مليون = 1000000
مليون ونص = 1500000
"""


@pytest.mark.parametrize("line", SUMS.strip().splitlines())
def test_a_sum_has_its_currency_and_its_unit(line: str) -> None:
    words, _, expected = line.partition(" =")
    found = [f"{one.amount.normalize():f} {one.currency} {one.per}" for one in find_money(fold(words))]
    assert ";".join(found) == expected.strip()


@pytest.mark.parametrize("line", PHONES.strip().splitlines())
def test_a_phone_number_is_read_in_every_dress(line: str) -> None:
    words, _, expected = line.partition(" =")
    assert ",".join(one.e164 for one in find_phones(fold(words))) == expected.strip()


@pytest.mark.parametrize("line", NUMBERS.strip().splitlines())
def test_a_number_is_read_in_figures_and_in_words(line: str) -> None:
    words, _, expected = line.partition(" =")
    assert " ".join(f"{one.value.normalize():f}" for one in find_numbers(fold(words))) == expected.strip()
