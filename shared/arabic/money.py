"""Sums of money with a currency: "١٢٠٠ ريال لليوم", "SAR 1,500", "4k SAR", "ألف وخمسمية ريال", "KD 80/day", "$4,000".

A number alone is no money here: whether a bare "الأجر ٨٠٠" is pay is for the reader of pay to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shared.arabic.digits import Number, find_numbers
from shared.arabic.normalise import Folded, Place

Per = Literal["day", "hour", "month", "project"]

_AFTER: tuple[tuple[str, str], ...] = (
    (r"ريال(?:ا|ات)? قطري|ر\. ?ق\.?|qatari riyals?|qar|qr", "QAR"),
    (r"ريال(?:ا|ات)? عماني|ر\. ?ع\.?|omr|omani rials?|ro", "OMR"),
    (r"دينار(?:ا|ات)? بحريني|bhd|bd|bahraini dinars?", "BHD"),
    (r"(?:دينار(?:ا|ات)?|دنانير) اردني|د\.ا\.?ر|jod|jd", "JOD"),
    (r"(?:دينار(?:ا|ات)?|دنانير) عراقي|iqd", "IQD"),
    (r"(?:دينار(?:ا|ات)?|دنانير) كويتي|د\. ?ك|دك|kwd|kd|kuwaiti dinars?", "KWD"),
    (r"د\.ب", "BHD"),
    (r"دينار(?:ا|ات)?|دنانير|dinars?", "dinar"),
    (r"(?:درهم(?:ا|ات)?|دراهم)(?: اماراتي)?|د\. ?ا|aed|dhs?|(?:uae )?dirhams?", "AED"),
    (r"دولار(?:ا|ات)?(?: امريكي)?|usd|us\$|\$|dollars?|bucks", "USD"),
    (r"يورو|eur|euros?|€", "EUR"),
    (r"جنيه(?:ا|ات)? استرليني|gbp|pounds?|£", "GBP"),
    (r"جنيه(?:ا|ات)?|egp|ج\.م", "EGP"),
    (r"ريال(?:ا|ات)?(?: سعودي)?|ريالين|ر\.? ?س\.?|⃁|sar|s\.r|sr|riyals?|rials?|saudi riyals?", "riyal"),
)
_BEFORE: tuple[tuple[str, str], ...] = (
    (r"sar|s\.r\.?|sr", "SAR"), (r"aed|dhs?", "AED"), (r"kwd|kd", "KWD"), (r"bhd|bd", "BHD"), (r"qar|qr", "QAR"),
    (r"omr", "OMR"), (r"usd|us\$|\$", "USD"), (r"eur|€", "EUR"), (r"gbp|£", "GBP"), (r"egp", "EGP"), (r"jod", "JOD"),
)  # fmt: skip
_AFTER_RE = re.compile(
    r" ?(?:" + "|".join(f"(?P<c{n}>{words})" for n, (words, _) in enumerate(_AFTER)) + r")(?![^\W\d_])"
)
_BEFORE_RE = re.compile(
    r"(?<![^\W\d_])(?:" + "|".join(f"(?P<c{n}>{words})" for n, (words, _) in enumerate(_BEFORE)) + r") ?[:.]? ?$"
)
_RANGE = re.compile(r" ?(?:-|~|الي|لين|ل|حتي|to|or|او|/|و|and) ?")
_TO = re.compile(r" ?(?:-|~|الي|لين|حتي|to) ?")
_RIYAL = {"QA": "QAR", "OM": "OMR", "YE": "YER"}
_DINAR = {"KW": "KWD", "BH": "BHD", "JO": "JOD", "IQ": "IQD", "TN": "TND", "DZ": "DZD", "LY": "LYD"}

# What may stand between a sum and its unit: "صافي", "cash", "(", "each".
_AND_SO = (
    r"[ ,(]{0,3}(?:(?:صافي|كاش|نقدا|تقريبا|سعودي|فقط|net|gross|cash|each|only|pp|per (?:person|head|talent|model)|"
    r"للشخص|لكل شخص|للواحد|للوحده|ع الراس) ?[/,(]? ?)?"
)
_PER: tuple[tuple[str, Per], ...] = (
    (
        r"(?:/|per|a|an|each|p/)? ?(?:(?:ال)?يومي(?:ا|ه)?|daily|(?:shoot(?:ing)?|filming|working|work|full|"
        r"set) ?day|day|"
        r"nights?|pd|d)\b|(?:/|ل|ب|في |عن |عن كل |لكل |كل )? ?(?:ال|لل|ل)?(?:يوم|ليله)(?: ال?تصوير\w*|"
        r" الواحده?)?(?!\w)",
        "day",
    ),
    (
        r"(?:لل|بال|في ال|لكل |عن كل |عن ال|كل |/ ?(?:ال)?|ال)ساعه(?!\w)|(?:/|per|an|a)? ?(?:hour(?:ly)?|hr)(?!\w)",
        "hour",
    ),
    (r"(?:شهريا?|(?:بال|في ال|لل|لكل |/ ?(?:ال)?)شهر|(?:/|per|a|each) ?month|monthly|pm|p/m)(?!\w)", "month"),
    (
        r"(?:(?:لل|بال|لكل |ل|عن ال|علي ال|مقابل ال|عن كل )(?:فيديو|عرض|مشروع|اعلان|عمل|حمله|فيلم|دور|ريل|ريلز|مقطع|"
        r"يومين|\w+ ايام|العروض|مشاهد|ثلاث مشاهد|مشهدين|شوت|جلسات)(?: (?:ال)?(?:كامل|كله|واحد|كلها))?|لل?كامل|كامله?|"
        r"(?:ال)?مجموع|(?:ال)?اجمالي|شامله?|مقطوعه?|"
        r"عن كامل|عن اسبوع|عن \d{1,2} ايام|عن العروض|علي كلها|للكل|كامل (?:المشروع|العمل)|عن (?:المشروع|العمل|كل شي)|"
        r"flat|total|in total|all[ -]in|(?:per|/|a|each) ?(?:video|project|reel|spot|campaign|clip|film|"
        r"shoot|production)"
        r"|for (?:the|all|both) (?:whole|entire|full|project|video|job|run|\w+ (?:days?|nights?|scenes|shows|videos)|"
        r"days?|shows)|lump sum|package|one[- ]off)(?!\w)",
        "project",
    ),
)
_PER_RES: tuple[tuple[re.Pattern[str], Per], ...] = tuple(
    (re.compile(rf"{_AND_SO}(?:{words})"), per) for words, per in _PER
)


@dataclass(frozen=True, slots=True)
class Money:
    """A sum, its currency (ISO 4217) where the text names one, its unit where it says one; where all
    that stands, and where the number alone.
    """

    amount: Decimal
    currency: str | None
    per: Per | None
    place: Place
    number: Place


def find_money(text: Folded, country: str | None = None, numbers: list[Number] | None = None) -> list[Money]:
    """All sums with a currency, from left to right. `country` (ISO) settles which riyal or dinar is meant; without it
    a riyal is Saudi and a dinar has no currency code. Both ends of "1500-3000 ريال" carry the currency. `numbers` saves
    finding them
    again.
    """
    numbers = find_numbers(text) if numbers is None else numbers
    found: list[Money] = []
    for at, number in enumerate(numbers):
        following = numbers[at + 1] if at + 1 < len(numbers) else None
        money = _with_currency(text, number, following, country) or _range_end(text, number, found)
        if money:
            found.append(money)
    return found


def per_after(text: str, end: int) -> tuple[Per, int] | None:
    """The unit that follows a sum ending at `end` of a folded text, and where it ends."""
    for pattern, per in _PER_RES:
        match = pattern.match(text, end)
        if match:
            return per, match.end()
    return None


def currency_after(text: str, end: int, country: str | None) -> tuple[str | None, int] | None:
    """The currency that follows a number ending at `end`, and where it ends; a dinar of no known country is None."""
    match = _AFTER_RE.match(text, end)
    if not match:
        return None
    name = _AFTER[int((match.lastgroup or "c0")[1:])][1]
    if name == "riyal":
        return _RIYAL.get(country or "", "SAR"), match.end()
    if name == "dinar":
        return _DINAR.get(country or ""), match.end()
    return name, match.end()


def _range_end(text: Folded, number: Number, found: list[Money]) -> Money | None:
    """The upper end of "SAR 1000-1500", whose currency stands before the lower one."""
    before = found[-1] if found else None
    if before is None or before.place.end > number.place.start or number.value <= before.amount:
        return None
    if not _TO.fullmatch(text.text, before.place.end, number.place.start) or before.place.end != before.number.end:
        return None
    unit = per_after(text.text, number.place.end)
    return Money(number.value, before.currency, unit[0] if unit else None, number.place, number.place)


def _with_currency(text: Folded, number: Number, following: Number | None, country: str | None) -> Money | None:
    words = text.text
    start, end = number.place.start, number.place.end
    if number.value <= 0:
        return None
    after = currency_after(words, end, country)
    before = _BEFORE_RE.search(words[max(0, start - 6) : start])
    if after is None and before is None and following is not None:
        gap = words[end : following.place.start]
        rising = number.worded and following.worded and gap == " " and number.value < following.value
        if len(gap) <= 6 and (rising or _RANGE.fullmatch(gap)):
            after = currency_after(words, following.place.end, country)
            after = (after[0], end) if after else None
    if after:
        currency, stop = after
    elif before:
        currency, stop = _BEFORE[int((before.lastgroup or "c0")[1:])][1], end
        start -= len(before[0])
    else:
        return None
    unit = per_after(words, stop)
    return Money(number.value, currency, unit[0] if unit else None, text.place(start, stop), number.place)
