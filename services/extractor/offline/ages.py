"""Playing ages: "٢٢-٢٨", "٤٠ فما فوق", "فوق الأربعين", "في الخمسينات", "late 20s", "طفلة ٨ سنوات", "6-9 شهور"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.extractor.offline.page import Page
from shared.arabic.normalise import Place

_TENS = {
    "عشرين": 20, "ثلاثين": 30, "تلاتين": 30, "اربعين": 40, "خمسين": 50, "ستين": 60, "سبعين": 70, "ثمانين": 80,
    "تسعين": 90,
}  # fmt: skip
_DECADES = {
    "عشرين": 20, "عشري": 20, "ثلاثين": 30, "تلاتين": 30, "اربعين": 40, "خمسين": 50, "ستين": 60,
    "سبعين": 70, "ثمانين": 80,
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
}  # fmt: skip
_ONES = {
    "واحد": 1, "واحده": 1, "اثنين": 2, "ثنين": 2, "ثلاثه": 3, "ثلاث": 3, "اربعه": 4, "اربع": 4,
    "خمسه": 5, "خمس": 5, "سته": 6, "ست": 6, "سبعه": 7, "سبع": 7, "ثمانيه": 8, "ثمان": 8, "تسعه": 9, "تسع": 9,
}  # fmt: skip
_TEN = "|".join(_TENS)
_YEARS = r" ?(?:سنه|سنوات|سنين|سنه|عام(?:ا)?|اعوام|years?(?: old)?|yrs?(?: old)?|y/?o|yr)(?!\w)"
_TO = r" ?(?:-{1,2}|الي|ل|لين|لحد|حتي|و|to|till|until|thru|and|→|~|/) ?"
_LABEL = (
    r"(?:(?:ال|ل|ب|و)?(?:عمر|اعمار|سن|فيه عمريه|فيه العمريه)(?:ه|ها|هم|هن|ك)?|الفيه العمريه|تتراوح اعمارهم|"
    r"age[sd]?|age range|playing age|كلهم|جميعهم|كلهن|all)"
)
_NUM = r"(?<![\d.,:/+x×#-])(?<!الساعه )(?<!مقاس )(?<!القياس )(?<!size )(?P<a>\d{1,2})"
_NO_AGE = (
    r"(?!\d|[.,:/]\d)(?! ?(?:ريال|sar|sr|aed|kd|درهم|دينار|دولار|\$|%|k(?!\w)|الاف|الف|سم(?!\w)|cm|kg|كيلو|صباح|مسا|"
    r"العصر|الظهر|الفجر|المغرب|العشا|ليل|ص(?!\w)|م(?!\w)|"
    r"am(?!\w)|pm(?!\w)|يوم|ايام|days?|nights?|weeks?|اسبوع|اسابيع|ساع|hours?|hrs?|دقيق|دقايق|min|ثاني|ثواني|"
    r"sec|حلق|episodes?|eps?(?!\w)|مشهد|مشاهد|scenes?|words?|كلمه|جمله|جمل|صور|photos?|فيديو|videos?|reels?|"
    r"متابع|followers|اشخاص|شخص))"
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("months", rf"{_NUM}(?:{_TO}(?P<b>\d{{1,2}}))? (?:شهور|اشهر|شهر|months?)(?= ?(?!عمل))"),
        (
            "range",
            rf"(?:من |بين |from |between )?{_NUM}{_YEARS[:-6]}?{_TO}(?:ال ?)?(?P<b>\d{{1,2}}){_NO_AGE}(?:{_YEARS})?",
        ),
        ("either", rf"{_LABEL} ?[:=-]? ?(?P<a>\d{{2}}) ?(?:او|or) ?(?P<b>\d{{2}}){_NO_AGE}"),
        (
            "max",
            r"(?:لا يتجاوز|لا تتجاوز|ما يتجاوز|لا يزيد عن|لا تزيد عن|no older than|not over|below|under|up to) "
            rf"(?:سن |عمر |ال|the age of )?(?P<a>\d{{1,2}}){_YEARS}|(?:تحت|دون|اقل من) (?:سن |"
            rf"عمر )?(?:ال)?(?P<b>[6-9]|[1-9]\d){_YEARS}|"
            rf"(?:تحت|دون) (?:سن |عمر )(?:ال ?)?(?P<c>\d{{1,2}}){_NO_AGE}|(?<!\w)(?:تحت|"
            rf"under) (?:ال ?)?(?P<d>1[0-8]){_NO_AGE}",
        ),
        (
            "words",
            rf"(?:بين|من) (?:ال)?(?P<a>{_TEN})(?: و| الي | حتي | لين | لحد | لغايه | ل)(?:ال)?(?P<b>{_TEN})(?!\w)",
        ),
        ("words", rf"(?<!\w)(?P<a>{_TEN})(?: و| الي | حتي | لين | لحد | ل| - ?)(?:ال)?(?P<b>{_TEN}){_YEARS}"),
        (
            "decades",
            r"(?<![\d.,])(?P<d>[2-8]0)s? ?(?:-|to|or|and|/|&) ?(?P<e>[3-9]0)s(?!\w)|(?<!\w)(?:في |ب)?(?:ال)?(?P<w>"
            rf"{_TEN})(?:ات|يات) ?(?:و|الي|او|-|ل|حتي) ?(?:ال)?(?P<v>{_TEN})(?:ات|يات)(?!\w)",
        ),
        (
            "plus",
            rf"{_NUM}(?:{_YEARS})? ?(?:\+|وفوق|و فوق|فما فوق|واكثر|فاكثر|واكبر|فاعلي|واعلي|وطالع|ويزود|وزود|"
            rf"وما فوق|ومافوق|فيما فوق|او اكثر|او اكبر|وكبر|(?:years "
            rf")?(?:and|or|&) (?:up(?:wards)?|above|over|older|more)|plus(?!\w))(?!\d)",
        ),
        (
            "plus",
            rf"(?:فوق|اكبر من|اكثر من|over|above|older than) (?:ال|سن(?: ال)?|عمر |the age of )? "
            rf"?(?P<a>\d{{2}}){_NO_AGE}",
        ),
        (
            "plus",
            r"(?:اقل|اصغر) (?:واحد|عمر|سن|شخص)(?: فيهم)?(?: عمره)? ?[:=]? ?(?P<a>\d{1,2})(?!\d)|(?:لا يقل|لا تقل|"
            r"ما يقل|لايقل) "
            rf"(?:ال)?(?:عمره?ا?|سن) ?عن (?P<b>\d{{1,2}}){_NO_AGE}|(?:min(?:imum)? age|"
            rf"at least) ?:? ?(?P<c>\d{{1,2}}){_YEARS}",
        ),
        (
            "worded",
            rf"(?<!\w)[بل]?(?:ال)?(?P<u>{'|'.join(_ONES)}) و(?:ال)?(?P<w>{_TEN})(?:(?P<up> (?:وفوق|و فوق|"
            rf"فما فوق|واكثر|وطالع|"
            rf"واكبر|فاكثر))|{_YEARS})",
        ),
        ("plus", rf"(?:فوق|تجاوز|اكبر من) (?:سن )?(?:ال)?(?P<a>{_TEN})(?!\w)"),
        (
            "part",
            r"(?P<part>early|mid|late|in (?:his|her|their) (?:early|mid|late)|اوايل|بدايه|بدايات|منتصف|اواخر|"
            r"نهايه)[ -](?:ال)?(?P<d>[2-8]0s|عشرينات|ثلاثينات|اربعينات|خمسينات|ستينات|سبعينات|twenties|"
            r"thirties|forties|fifties|sixties)",
        ),
        (
            "decade",
            r"(?<![\d.,])(?P<d>[2-8]0)'?s(?!\w)(?! (?:sample|clip|video|vid|self|tape|spot|audio|demo|reel|pitch|take|"
            r"recording|film|tvc|ad|intro))|(?<!\w)(?P<w>twenties|thirties|forties|fifties|sixties|"
            r"seventies|eighties)",
        ),
        ("decade", rf"(?<!\w)(?:في |ب)(?:ال)?(?P<w>{_TEN}|عشرين|ثلاثين)(?:ات|يات)(?!\w)"),
        (
            "decade",
            rf"(?:(?:(?<=عمره )|(?<=عمرها ))(?:ال)?(?P<w>{_TEN})(?:ات|يات)|(?<!\w)بال(?P<e>{_TEN}))(?! ?(?:الف|"
            rf"ريال|درهم|دينار|بالمي)|\w)",
        ),
        ("decade", r"(?<!\w)(?:ال)?(?P<w>عشرين|ثلاثين|اربعين|خمسين|ستين|سبعين|ثمانين)ي(?:ه|ات|ين)?(?!\w)"),
        (
            "about",
            rf"(?:حول|حوالي|حدود|بحدود|تقريبا|around|about) (?:ال)?(?:(?P<w>{_TEN})(?!\w)|"
            rf"(?P<a>[1-9]\d)(?!\d){_NO_AGE})",
        ),
        ("plus", r"(?<![\d\w+])\+(?P<a>\d{2})(?!\d)(?! ?\d)"),
        ("plus", r"(?<!\w)from (?P<a>\d{1,2}) (?:up|upwards|and up)(?!\w)"),
        ("single", rf"(?<!اقل من ){_NUM}{_YEARS}"),
        ("ish", r"(?<![\d.,:/+-])(?P<a>[1-8]\d)[- ]?ish(?!\w)"),
        (
            "single",
            r"(?<![^\W\d_])(?:ولد|بنت|طفل|طفله|صبي|boy|girl|son|daughter|kid) (?P<a>\d{1,2})(?= ?(?:[,)/;.&+\n-]|"
            r"$| و| and| or))",
        ),
        ("single", rf"{_LABEL} ?[:=-]? ?(?P<a>\d{{1,2}}){_NO_AGE}"),
        ("single", r"(?<![\d.,:/+-])(?P<a>[1-9]\d) تقريبا"),
    )
)
_LABELLED = re.compile(
    rf"(?<![^\W\d_]){_LABEL}(?: (?:المطلوب|المطلوبه|التقريبي|بين|من|تقريبا|تتراوح|between|from|range))* "
    rf"?[:=-]? ?(?:من |بين )?$"
)
_NOT_AGE_BEFORE = re.compile(
    r"(?:الساعه|الوقت|مقاس|القياس|المقاس|size|heights?|الطول|طول|وزن|time|صفحه|ep(?:isode)?s?|evenings?|"
    r"mornings?|nights?|daily|hours|بعد|عقب|منذ|صار|since|after|رقم|من الساعه|"
    r"جيل|حقين|زمن|بالشهر|الادوار بين|for|last|خلال|كل|عدد|العدد|يوجد|فتره|مده|لمده|خبره|خبره|"
    r"experience)\s?[:=]?\s?(?:من |بين )?$"
)


_TEN_STEMS = ("شرين", "لاثين", "لاتين", "ربعين", "خمسين", "ستين", "سبعين", "ثمانين", "تسعين")
# Rule → letters, one of which stands in every wording of it: cheaper to look for than the wordings are.
_NEEDED = {
    "months": ("شهور", "شهر", "month"),
    "max": ("تجاوز", "زيد", "older", "over", "below", "under", "up to", "تحت", "دون", "اقل"),
    "words": _TEN_STEMS,
    "worded": _TEN_STEMS,
    "either": (" او ", " or "),
    "ish": ("ish",),
    "decades": ("0s", "ات"),
    "part": ("0s", "ties", "ات"),
    "decade": ("0s", "0's", "ties", "ات", "ين"),
    "about": ("حول", "حوالي", "حدود", "تقريبا", "around", "about"),
}
_EXPERIENCE = re.compile(r"(?:خبره|experience)(?: [^\W\d_]+){0,5} ?:? ?$")


@dataclass(frozen=True, slots=True)
class Age:
    """An age range, both ends included, null where open. `labelled` where a word like "العمر" introduces it."""

    low: int | None
    high: int | None
    place: Place
    labelled: bool
    rule: str


def find_ages(page: Page, busy: Iterable[Place]) -> list[Age]:
    """All playing ages from left to right. Numbers in `busy` places (dates, phones, sums) are none."""
    taken = bytearray(len(page.text))
    for place in busy:
        taken[place.start : place.end] = b"\x01" * (place.end - place.start)
    found: list[Age] = []
    for rule, pattern in _PATTERNS:
        if not any(stem in page.text for stem in _NEEDED.get(rule, ("",))):
            continue
        for match in pattern.finditer(page.text):
            if any(taken[match.start() : match.end()]):
                continue
            age = _age(page, rule, match)
            if age:
                taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
                found.append(age)
    return sorted(found, key=lambda age: age.place.start)


def _age(page: Page, rule: str, match: re.Match[str]) -> Age | None:
    before = page.text[max(0, match.start() - 30) : match.start()].rsplit("\n", 1)[-1]
    if _NOT_AGE_BEFORE.search(before) or (rule in ("single", "plus") and _EXPERIENCE.search(before)):
        return None
    ends = _ends(rule, match)
    if ends is None or (rule in ("single", "plus") and (ends[0] or 0) < 3) or (ends[0] is not None and ends[0] > 95):
        return None
    labelled = rule != "months" and bool(_LABELLED.search(before) or re.match(_LABEL, match[0]))
    start = match.start("a") if rule == "single" and not labelled else match.start()
    return Age(ends[0], ends[1], page.folded.place(start, match.end()), labelled, f"age_{rule}")


def _ends(rule: str, match: re.Match[str]) -> tuple[int | None, int | None] | None:
    groups = match.groupdict()
    if rule == "months":
        return (0, 0) if int(groups["a"]) <= 24 and groups["b"] else None
    if rule in ("range", "either"):
        low, high = int(groups["a"]), int(groups["b"])
        return (low, high) if low < high <= 95 else None
    if rule == "worded":
        age = _ONES[groups["u"]] + _TENS[groups["w"]]
        return age, None if groups["up"] else age
    if rule == "words":
        return _TENS[groups["a"]], _TENS[groups["b"]]
    if rule == "max":
        return None, int(next(groups[name] for name in "abcd" if groups.get(name)))
    if rule == "plus":
        words = next(groups[name] for name in "abc" if groups.get(name))
        return int(_TENS.get(words, 0) or words), None
    if rule == "decades":
        return _decade(groups["d"] or groups["w"]), _decade(groups["e"] or groups["v"]) + 9
    if rule == "part":
        start, part = _decade(groups["d"]), groups["part"]
        early, late = (
            part.endswith("early") or part.startswith(("اوا", "بدا")),
            part.endswith("late") or part in ("اواخر", "نهايه"),
        )
        if part == "اواخر":
            early = False
        return (start, start + 3) if early else (start + 7, start + 9) if late else (start + 4, start + 6)
    if rule == "decade":
        start = _decade(groups.get("d") or groups.get("w") or groups.get("e") or "")
        return start, start + 9
    value = _TENS[groups["w"]] if groups.get("w") else int(groups["a"])
    return value, value


def _decade(words: str) -> int:
    if words[0].isdigit():
        return int(words[:2])
    return next(start for stem, start in _DECADES.items() if words.startswith(stem))
