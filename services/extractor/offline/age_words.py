"""The words of playing ages in folded spelling: every form of them, and what only looks like one."""

from __future__ import annotations

import re

TENS = {
    "عشرين": 20, "ثلاثين": 30, "تلاتين": 30, "اربعين": 40, "خمسين": 50, "ستين": 60, "سبعين": 70, "ثمانين": 80,
    "تسعين": 90,
}  # fmt: skip
DECADES = {
    "عشرين": 20, "عشري": 20, "ثلاثين": 30, "تلاتين": 30, "اربعين": 40, "خمسين": 50, "ستين": 60,
    "سبعين": 70, "ثمانين": 80,
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
}  # fmt: skip
ONES = {
    "واحد": 1, "واحده": 1, "اثنين": 2, "ثنين": 2, "ثلاثه": 3, "ثلاث": 3, "اربعه": 4, "اربع": 4,
    "خمسه": 5, "خمس": 5, "سته": 6, "ست": 6, "سبعه": 7, "سبع": 7, "ثمانيه": 8, "ثمان": 8, "تسعه": 9, "تسع": 9,
}  # fmt: skip
_TEN = "|".join(TENS)
_YEARS = r" ?(?:سنه|سنوات|سنين|سنه|عام(?:ا)?|اعوام|years?(?: old)?|yrs?(?: old)?|y/?o|yr)(?!\w)"
_TO = r" ?(?:-{1,2}|الي|ل|لين|لحد|حتي|و|to|till|until|thru|and|→|~|/) ?"
LABEL = (
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
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "born",
            rf"(?<![^\W\d_])(?:(?:ال|من )?مواليد|born)(?: (?:in|between|from|من|بين|عام|سنه|سنوات))?(?: عام| سنه)?"
            rf" ?:? ?(?P<a>(?:19|20)\d\d|[6-9]\d|[01]\d)(?![\d/])(?:{_TO}(?P<b>(?:19|20)\d\d|[6-9]\d|[01]\d)(?![\d/]))?"
            r"(?P<up> ?(?:\+|وفوق|و فوق|فما فوق|وما فوق|واعلي|فاعلي|واصغر|وطالع|"
            r"(?:and|or) (?:younger|later|after|above|up)))?",
        ),
        (
            "to_years",
            rf"{_NUM} (?:شهور|اشهر|شهر|months?)(?: ?(?:الي|لين|لحد|حتي|to|-) ?| ل ?)(?:ال)?"
            r"(?P<y>سنه|عام|سنتين|عامين|(?:a|one|1) year)"
            r"(?: ونص| ونصف)?(?!\w)",
        ),
        ("months", rf"{_NUM}(?:{_TO}(?P<b>\d{{1,2}}))? (?:شهور|اشهر|شهر|months?)(?= ?(?!عمل))"),
        (
            "range",
            rf"(?:من |بين |from |between )?{_NUM}{_YEARS[:-6]}?{_TO}(?:ال ?)?(?P<b>\d{{1,2}}){_NO_AGE}(?:{_YEARS})?",
        ),
        ("either", rf"{LABEL} ?[:=-]? ?(?P<a>\d{{1,2}}) ?(?:او|or) ?(?P<b>\d{{1,2}}){_NO_AGE}(?:{_YEARS})?"),
        ("either", rf"{_NUM} ?(?:او|or) ?(?P<b>\d{{1,2}}){_YEARS}"),
        (
            "max",
            r"(?:لا يتجاوز|لا تتجاوز|ما يتجاوز|لا يزيد عن|لا تزيد عن|no older than|not over|below|under|up to) "
            rf"(?:سن |عمر |ال|the age of )?(?P<a>\d{{1,2}}){_YEARS}|(?:تحت|دون|اقل من) (?:سن |"
            rf"عمر )?(?:ال)?(?P<b>[6-9]|[1-9]\d){_YEARS}|"
            rf"(?:تحت|دون) (?:سن |عمر )(?:ال ?)?(?P<c>\d{{1,2}}){_NO_AGE}|(?<!\w)(?:تحت|"
            rf"under) (?:ال ?)?(?P<d>1[0-8]){_NO_AGE}|"
            rf"{LABEL} (?:تحت|دون|اقل من|under|below) (?:ال ?)?(?P<e>\d{{1,2}}){_NO_AGE}",
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
            rf")?(?:and|or|&) (?:up(?:wards)?|above|over|older|more)|plus(?!\w))(?!\d)"
            r"(?! ?(?:years?|yrs?|سنه|سنوات)?'? ?(?:of )?(?:experience|exp|خبره|فيلم|افلام|عمل|اعمال|مسلسل|films?|"
            r"projects?|الف|الاف|k|followers|متابع|subs)(?!\w))",
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
            rf"(?<!\w)[بل]?(?:ال)?(?P<u>{'|'.join(ONES)}) و(?:ال)?(?P<w>{_TEN})(?:(?P<up> (?:وفوق|و فوق|"
            rf"فما فوق|واكثر|وطالع|"
            rf"واكبر|فاكثر))|{_YEARS})",
        ),
        (
            "plus",
            rf"(?:من|ابتدا من|بدايه من) (?:سن|عمر) (?:ال)?(?P<a>\d{{1,2}}){_NO_AGE}(?:{_YEARS})?"
            r"(?! ?(?:الي|حتي|لين|لحد|لغايه|ل|-|و) ?\d)(?! ?(?:الي|حتي|لين|لحد|لغايه))",
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
        (
            "single",
            rf"(?<!اقل من )(?<!قبل ){_NUM}{_YEARS}(?! ?(?:ago|(?:of )?(?:experience|exp)|خبره)(?!\w))",
        ),
        ("ish", r"(?<![\d.,:/+-])(?P<a>[1-8]\d)[- ]?ish(?!\w)"),
        (
            "single",
            r"(?<![^\W\d_])(?:ولد|بنت|طفل|طفله|صبي|boy|girl|son|daughter|kid) (?P<a>\d{1,2})(?= ?(?:[,)/;.&+\n-]|"
            r"$| و| and| or))",
        ),
        ("single", rf"{LABEL} ?[:=-]? ?(?P<a>\d{{1,2}}){_NO_AGE}"),
        ("single", r"(?<![\d.,:/+-])(?P<a>[1-9]\d) تقريبا"),
    )
)
LABELLED = re.compile(
    rf"(?<![^\W\d_]){LABEL}(?: (?:المطلوب|المطلوبه|التقريبي|بين|من|تقريبا|تتراوح|between|from|range))* "
    rf"?[:=-]? ?(?:من |بين )?$"
)
OLD_AGE = re.compile(r"(?:كبير|صغير|متقدم|طاعن)(?:ه|ين|ات)? (?:في |ب)(?:ال)?(?:سن|عمر) $")  # a trait, and no label
NOT_AGE_BEFORE = re.compile(
    r"(?:الساعه|الوقت|(?:مقاس|قياس|طول|وزن|خبر|حذا)(?:ه|ها|هم|هن|ك|ته|تها|تهم)?|sizes?|heights?|weigh(?:t|s|ing)?|shoes?|waist|hips?|"
    r"bust|chest|time|صفحه|ep(?:isode)?s?|evenings?|"
    r"mornings?|nights?|daily|hours|بعد|عقب|منذ|صار|since|after|رقم|من الساعه|"
    r"جيل|حقين|زمن|بالشهر|الادوار بين|for|last|خلال|كل|عدد|العدد|يوجد|فتره|مده|لمده|"
    r"experience)\s?[:=]?\s?(?:من |بين )?$"
)


_TEN_STEMS = ("شرين", "لاثين", "لاتين", "ربعين", "خمسين", "ستين", "سبعين", "ثمانين", "تسعين")
# The age of a mother's child is not hers ("with kids under 3"), and a firm's is nobody's.
NOT_THEIRS = re.compile(
    r"(?<![^\W\d_])(?:شركه|نادي|موسسه|فرقه|براند|ماركه|مطعم|مصنع|مدرسه|بيت|مبني|سياره|company|brand|school|club)"
    r"(?![^\W\d_])(?: [^\W\d_]+)? (?:عمره?ا?|aged?|is|of) ?$|"
    r"(?<![^\W\d_])(?:ام|امهات|سيده|سيدات|نسا|امراه|moms?|mums?|mothers?|women|woman|ladies)(?![^\W\d_])"
    r"[^\n.;,]{0,24}"
    r"(?:عندها|عندهن|عندهم|لديها|لديهن|معها|with|w/|who have|has|have) (?:[^\W\d_]+ )?(?:طفل|طفله|اطفال|بيبي|رضيع|"
    r"kids?|child|children|baby|babies|toddlers?) ?(?:[(:-]? ?(?:عمره?ا?|اعمارهم|بعمر|بين|من|aged?|of))?"
    r"(?: من| بين| under| تحت)? ?$"
)
# Rule → letters, one of which stands in every wording of it: cheaper to look for than the wordings are.
NEEDED = {
    "born": ("مواليد", "born"),
    "to_years": ("شهور", "شهر", "month"),
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
EXPERIENCE = re.compile(r"(?:خبره|experience)(?: [^\W\d_]+){0,5} ?:? ?$")
