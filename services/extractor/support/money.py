"""Whether a message holds a sum, its currency, its unit, and that there is pay at all."""

from __future__ import annotations

import re
from decimal import Decimal

from services.extractor.offline.pay_words import CUE, IN_KIND, PAID, UNPAID
from services.extractor.support.words import Figure, Words
from shared.arabic.money import currency_after, find_money, per_after
from shared.contracts.calls import Evidence, PayKind, Support

# Currency words in folded spelling; a riyal and a dinar are those of several countries.
_DINAR, _RIYAL = r"دينار(?:ا|ات)?|دنانير|dinars?", r"ريال(?:ا|ات|ين)?|riyals?|rials?|ر\.? ?[سقع]"
_CURRENCIES = {
    "SAR": rf"{_RIYAL}|sar|s\.r\.?|sr|\ue900|﷼",
    "QAR": rf"{_RIYAL}|qar|qr", "OMR": rf"{_RIYAL}|omr", "YER": rf"{_RIYAL}|yer",
    "AED": r"درهم(?:ا|ات)?|دراهم|د\.ا|aed|dhs?|dirhams?",
    "KWD": rf"{_DINAR}|د\.ك|kwd|kd", "BHD": rf"{_DINAR}|د\.ب|bhd|bd", "JOD": rf"{_DINAR}|jod|jd",
    "IQD": rf"{_DINAR}|iqd", "TND": rf"{_DINAR}|tnd", "LYD": rf"{_DINAR}|lyd", "DZD": rf"{_DINAR}|dzd",
    "USD": r"دولار(?:ا|ات)?|usd|us\$|\$|dollars?|bucks", "EUR": r"يورو|eur|euros?|€",
    "GBP": r"جنيه(?:ا|ات)? استرليني|gbp|pounds?|£", "EGP": r"جنيه(?:ا|ات)?|egp|ج\.م|le",
    "SYP": r"ليره|ليرات|syp", "LBP": r"ليره|ليرات|lbp", "TRY": r"ليره|ليرات|try|tl",
    "MAD": r"درهم(?:ا|ات)?|mad|dirhams?",
}  # fmt: skip
_WORDS = {
    code: re.compile(rf"(?<![^\W\d_])(?:ال|بال|لل|ب|و)?(?:{words})(?![^\W\d_])") for code, words in _CURRENCIES.items()
}
_UNITS = {
    "day": r"يوم|ايام|ليل|شفت|day|daily|night|shift|diem|eod",
    "hour": r"ساع|hour|hr|/h\b",
    "month": r"شهر|month",
    "project": r"فيديو|عرض|مشروع|اعلان|عمل|حمله|شامل|اجمالي|مجموع|مقطوع|كامل|كلها|كله|للكل|يومين|ايام|اسبوع|ميزاني|حلق|"
    r"مقابل|عن |ككل|ريل|total|flat|all in|video|project|show|spot|campaign|whole|entire|reel|lump|budget|buyout|"
    r"production|job|fixed|package|for the|run\b|commercial|film|days|week|all-in|incl|clip|b-roll|honorarium|يوم|day",
}
_UNIT_WORDS = {
    unit: re.compile(rf"(?<![^\W\d_])(?:[بلفوك]?ال|لل|[بلوك])?(?:{words})") for unit, words in _UNITS.items()
}
_PROMISES = re.compile(
    r"مدفوع|اجر|اجور|مكافا|راتب|رواتب|مقابل|فلوس|كاش|مبلغ|ميزاني|يدفع|ندفع|نعط|مادي|ماليه?|بدل|اتعاب|دفع|"
    r"pay|paid|rate|fee|salary|stipend|honorarium|budget|compensat|cash|wage|remunerat|\$"
)
_DENIES = re.compile(
    r"بدون|بلا|تطوع|مجان|لا يوجد|لا توجد|ما في|مافي|غير مدفوع|مو مدفوع|مب مدفوع|مش مدفوع|ليس|شهاد|هدي|هدايا|جايز|جوايز|"
    r"جائز|جوائز|وجب|مواصلات|اكل|فطور|غدا|عشا|خبر|كريدت|بورتفوليو|للعرض|تعاون|مقايض|تبادل|منتج|قسيم|سكن|نتكفل|علينا|حساب|"
    r"unpaid|no pay|not paid|non|volunt|free|tfp|trade|collab|credit|copy|portfolio|prize|gift|barter|meal|food|"
    r"transport|"
    r"experience|exposure|lunch|expenses|zero|no budget|without pay|exchange|certificate|voucher|snack|refreshment"
)
# What a figure counts where it is no money.
_OTHER_AFTER = re.compile(
    r"\s?(?:%|سم|cm|كيلو|كجم|kg|سنه|سنوات|سنين|عام|عاما|شخص|اشخاص|طفل|اطفال|رجال|رجل|بنات|بنت|فتيات|فتاه|شباب|شاب|شبان|"
    r"نسا|ممثل|ممثلين|ممثلات|مشارك|سيد|عارض|كومبارس|دقيق|ثاني|ثواني|ساع|مشهد|مشاهد|صور|صوره|حلق|متابع|"
    r"words?|min|sec|girls?|boys?|m[ea]n\b|wom[ea]n|kids?|child|people|persons?|actors?|actress|models?|extras?|males?|"
    r"females?|years?|yrs?|y/o|yo\b|scenes?|photos?|pics?|episodes?|eps?\b|followers|pm\b|am\b|[صم](?!\w)|:\d|/\d|th\b|st\b|nd\b|rd\b)"
)
_OTHER_BEFORE = re.compile(
    r"(?:طول|وزن|مقاس|عمر|اعمار|العمر|سن|من سن|الساعه|رقم|عدد|قسيمه|height|weight|age[ds]?|aged|size|over|above|under|"
    r"chat|group|\d:|\d/|@)\s?:?\s?$"
)
_SMALLEST_BARE = 50
_NEAR = 100
_PAY_JUST_BEFORE = re.compile(rf"(?:{CUE.pattern})\s?[:=]?\s?$")
_LABELLED = re.compile(r"(?<![^\W\d_])(?:و?ال|لل|لكل )[^\W\d_]{2,} ?[:=]? ?$")  # "الطفل ٢٠٠ الأم ٢٥٠"
_A_HEAD = re.compile(
    r"\s?(?:كاش|نقدا|للواحد|للشخص|للاثنين|للجميع|للشفت|للكل|لكل\s\w+|على كل|each|a head|cash|per\s\w+|apiece)(?!\w)"
)


def amount(words: Words, wanted: Decimal) -> Evidence | None:
    """Where this sum stands as money, in figures or in words; None where the number stands for something else."""
    firm = {(money.number.start, money.number.end) for money in find_money(words.page.folded)}
    for figure in words.figures:
        if figure.value == wanted and ((figure.start, figure.end) in firm or _is_money(words, figure)):
            place = words.page.folded.place(figure.start, figure.end)
            plain = words.page.raw[place.raw_start : place.raw_end] == f"{wanted:f}"
            return words.page.evidence(place, Support.VERBATIM if plain else Support.NORMALISED)
    return None


def _is_money(words: Words, figure: Figure) -> bool:
    """A currency word beside it; or words of pay near it, and nothing that makes it a day, an age or a number of."""
    text = words.page.text
    if currency_after(text, figure.end, None) or (figure.value >= 50 and per_after(text, figure.end)):
        return True
    if any(figure.start < day.place.end and day.place.start < figure.end for day in words.days):
        return False
    before = text[max(0, figure.start - 16) : figure.start].rsplit("\n", 1)[-1]
    if _OTHER_AFTER.match(text, figure.end) or _OTHER_BEFORE.search(before):
        return False
    if figure.value < _SMALLEST_BARE:
        return bool(_PAY_JUST_BEFORE.search(before))
    if figure.value >= 100 and (_LABELLED.search(before) or _A_HEAD.match(text, figure.end)):
        return True
    start, end = words.page.line_at(figure.start)
    line = text[start:end]
    if CUE.search(line) or _PROMISES.search(line) or any(pattern.search(line) for pattern in _WORDS.values()):
        return True
    above = words.line(start - 1) if start else ""
    return figure.value >= 100 and bool(CUE.search(above) or _PROMISES.search(above))


def currency(words: Words, code: str) -> Evidence | None:
    """Where this currency is named."""
    pattern = _WORDS.get(code)
    match = pattern.search(words.page.text) if pattern else re.search(rf"\b{code.lower()}\b", words.page.text)
    return words.derived(*match.span(), "currency_word") if match else None


def unit(words: Words, per: str, near: Evidence | None) -> Evidence | None:
    """Where the unit of the pay is said: in the lines of the sum, else beside words of pay.

    A day's work and a whole job may be said anywhere ("one day, the 29th … KWD 300"), hours and months may not.
    """
    anywhere = per in ("day", "project")
    for match in _UNIT_WORDS[per].finditer(words.page.text):
        start, end = words.page.line_at(match.start())
        raw = words.page.folded.place(start, end)
        around = words.page.text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        beside = near is not None and raw.raw_start <= near.end and near.start <= raw.raw_end
        if beside or anywhere or CUE.search(around) or _PROMISES.search(around):
            return words.derived(*match.span(), "unit_word")
    return None


def kind(words: Words, said: PayKind) -> Evidence | None:
    """The words that promise money, or those that say there is none."""
    text = words.page.text
    if said is PayKind.PAID:
        match = PAID.search(text) or _PROMISES.search(text)
        match = match or next((found for pattern in _WORDS.values() if (found := pattern.search(text))), None)
    else:
        match = UNPAID.search(text) or IN_KIND.search(text) or _DENIES.search(text)
    return words.derived(*match.span(), f"{said}_words") if match else None
