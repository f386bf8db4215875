"""The title of a call and the company behind it, in the message's own words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from services.extractor.offline.page import ADDRESS, HIDDEN, Page
from services.extractor.offline.people import bare
from shared.arabic.normalise import fold_text
from shared.contracts.calls import Evidence, Support

_PROJECT = (
    r"(?:مسلسل|المسلسل|لمسلسل|فيلم|الفيلم|لفيلم|فلم|مسرحية|مسرحيه|لمسرحية|برنامج|كليب|أغنية|وثائقي|series|film|"
    r"feature|short|movie|play|musical|show|panto|project|notice)"
)
_IN_BRACKETS = re.compile(r"(?:مسلسل|فيلم|مسرحية|مسرحيه|برنامج)\s{1,2}\((?P<name>[^()\n\d]{3,40})\)")
_CALLED = re.compile(
    r"(?:اسمه|اسمها|إسمه|بعنوان|عنوانه|عنوانها|باسم|called|titled|entitled)\s{0,2}:?\s{0,2}"
    r"\((?P<name>[^()\n\d]{2,40})\)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[«\"“](?P<name>[^«»\"“”\n]{2,60})[»\"”]")
_BOLD = re.compile(rf"{_PROJECT}\s+(?:[^\W\d_]+\s+){{0,2}}\*(?P<name>[^*\n]{{2,60}})\*", re.IGNORECASE)
_NOT_A_TITLE = re.compile(
    r"(?:دور|شخصية|الشخصية|لدور|كلمة|سجل|قول|تقول|role|الموضوع|subject|من|اسم|look|real|the)\s*(?::\s*)?[*]?$",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    r"(?<![^\W\d_])(?P<name>(?:لل|ل|ال|ب)?(?:إعلان|اعلان|دعاية|دعايه|مسلسل|فيلم|فلم|مسرحية|مسرحيه|كليب|فيديو "
    r"كليب|برنامج|بودكاست|مؤتمر|معرض|افتتاح|مهرجان|فعالية|كتالوج|لوك بوك|عرض أزياء|مشهد|دبلجة|كتاب صوتي|حملة)"
    r"(?:[ \t]{1,3}[^\W\d_]{1,20}){1,4})",
    re.IGNORECASE,
)
_ENGLISH_WORDS = (
    "tvc|commercial|ad|campaign|film|series|feature|documentary|docudrama|podcast|lookbook|shoot|expo|festival|gala|wedding|"
    "music video|spot|app|audiobook|ivr|musical|reality show"
).split("|")
_ENGLISH_PHRASE = re.compile(
    r"(?P<name>(?<![A-Za-z'-])(?:[A-Za-z'-]{1,20}[ \t]{1,3}){0,3}(?:TVC|"
    r"commercial|ad|campaign|film|series|feature|documentary|docudrama|podcast|lookbook|shoot|expo|festival|"
    r"gala|wedding|music video|spot|app|audiobook|IVR|musical|reality show))(?![A-Za-z])",
    re.IGNORECASE,
)
_NO_PHRASE = re.compile(
    r"(?:لل|ل|ال)?(?:إعلان|اعلان)\s+(?:تجارب|كاستنج|للمواهب|رسمي|هام|مهم|عن)|(?:for|to|a|the|this|is|good|"
    r"same)\s|\S{1,20}\s{1,3}(?:نفسه|شغالين|قائم)",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\s(?:في|من|الى|إلى|على|عن|يوم|بكرة|لين|حتى|مع|يبحث|تبحث|يصور|يصوّر|بجدة|بالرياض|داخل|نحتاج|ونحتاج|"
    r"محتاجين|مطلوب)(?:\s|$)"
)
_GREETING = re.compile(
    r"^[\W_]*(?:السلام عليكم|سلام|هلا|مرحبا|مساء|صباح|بسم الله|hi|hello|hey|guys|forwarded|\[forwarded\]|fwd|"
    r"معاد توجيه|محوّ?لة|منقول|عاجل|urgent|﷽)",
    re.IGNORECASE,
)
_CLEAN = " \t*_~-–—•▪◾.,،:؛!|()[]{}«»\"'“”"

_MAKER = r"(?:شركة|مؤسسة|فرقة|جمعية|استوديو|ستوديو|استديو|مكتب|وكالة|دار|نادي|هيئة|هيئه)"
_KIND = (
    r"(?:للإنتاج|للانتاج|للأفلام|للافلام|المسرحية|الفنية|الثقافية|الشعبية|للإعلام|للاعلام|فيلمز|بيكتشرز|ستوديوز|كاستنج)"
)
_COMPANIES = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (
            r"(?<![^\W\d_])(?:الشركة المنتجة|شركة الإنتاج|جهة الإنتاج|الإنتاج|الانتاج|إنتاج|انتاج|الجهة "
            r"المنتجة)\s*[:：/]\s*(?!أجنبي|ضخم|فني|محلي|سعودي|خليجي|عالمي)(?P<name>[^\n،,.:|()–—-]{2,50})", 0),
        (
            r"(?:^|[\n|])[ *_]*(?:Production(?: company| house)?|Casting(?: director| agency)?|Produced by|By|Agency|"
            r"Bookers?|Organi[sz]ers?|Presented by|Studio|Brand|Label|Theatre|Troupe|Producer|"
            r"Company)\s*:\s*(?P<name>[^\n—–|(,.]{2,60})", re.IGNORECASE),
        (
            r"(?:^|\n)[ *_]*(?:إنتاج|انتاج)\s+(?!أجنبي|ضخم|فني|محلي|سعودي|خليجي|عالمي)(?P<name>[^\n،,.:|()–—-]{2,40})",
            0,
        ),
        (
            r"(?:^|\n)[ *_]*(?:Produced by|Presented by|A production (?:of|by)|"
            r"By)[ \t]+(?P<name>[A-Z][\w'&.]*(?:[ \t]+(?:&|and|of|[A-Z])[\w'&.]*){0,5})(?=[ \t]*(?:\n|$))",
            0,
        ),
        (r"(?<!\w)Casting:\s*(?P<name>[A-Z][^\n—–|(,.]{2,60})", 0),
        (rf"(?:تعلن|يعلن|تسرّ?|يسر|تدعو|تبحث|تستقبل|يدعو)\s+(?P<name>{_MAKER}\s+[*«\"]?[^\n،,.:|()]{{2,50}})", 0),
        (
            rf"(?:^|[\n–—/|-])[ *]*(?P<name>{_MAKER}\s+[*«\"]?(?!اتصالات|تمور|نفط|ألعاب|سعودي)[^\n،,.:|"
            rf"()–—/-]{{2,50}})", 0),
        (rf"(?:تعلن|يعلن)\s+(?P<name>[^\n،,.:|()]{{2,40}}?{_KIND}(?:\s+الفني)?)", 0),
        (rf"\((?P<name>[^()\n،,.:|]{{2,40}}?{_KIND}(?:\s+الفني)?)\)", 0),
        (rf"(?P<name>{_MAKER}\s+[^\n،,.:|()]{{2,30}}?{_KIND}(?:\s+الفني)?)", 0),
        (r"(?:^|\n)[ *_]*(?P<name>[^\W\d_]+\s+(?:كاستنج|كاستينج|كاستنق))\s+(?:تستقبل|تعلن|تبحث|يعلن)", 0),
        (
            r"(?P<name>(?:[A-Z][\w'&]*[ \t]+(?:&[ \t]+)?){1,4}(?:Creatives?|Events|Management|Models|Collective|"
            r"Pictures|Films|Productions?|Studios?|Casting|"
            r"Media|Talents?|Entertainment|Players|Agency|Stories|Theatre Company))(?!\w)", 0),
        (r"(?:^|\n)[ *_]*(?P<name>(?:[A-Z][\w'&]*[ \t]+){1,4})(?:is|are)\s+(?:looking|casting|seeking|hiring)", 0),
    )
)  # fmt: skip
_COMPANY_STOP = re.compile(
    r"(?<!\s)(?:\s+(?:عن|في|تعلن|يعلن|تدعو|تبحث|تستقبل|يبحث|يبحثون|لفيلم|لمسلسل|دعوة|بال[^\W\d_]+|باب|تفتح|حاجتها|"
    r"لإعلان|مطلوب[^\W\d_]*|نحتاج|محتاجين|نبحث|نبي|نبغى|تحتاج|تطلب|تبغى|تبي|is|are)(?:\s|$).*|\s*[*»\"“”].*)$",
    re.DOTALL,
)
_NO_COMPANY = re.compile(
    r"^(?:We|They|I|Hi|CASTING|URGENT|Open|TV|OPEN|The|A|Casting|Need|Kuwait|Riyadh|Jeddah|Dubai)(?:\s(?:CALL|"
    r"NOTICE|Casting))?$|^(?:Open|URGENT|NEOM|CASTING|Self)\b",
    re.IGNORECASE,
)
# What stands where a name would, and is none: "Production: TBA", "brand: local perfume", "شركة إنتاج كبيرة".
_NO_NAME = re.compile(
    r"^(?:t\.?b\.?[acd]\.?|n/?a|nda|none|confidential|private|undisclosed|unknown|secret|under nda|"
    r"to be .*|coming soon|tomorrow|today|independent|self|"
    r"مستقل(?:ه)?|ذاتي|شخصي|طلابي|سري(?:ه)?|خاص(?:ه)?|قريبا|لاحقا|"
    r"(?:س|سوف )?(?:[يتن]علن|[يتن]حدد|يكشف|تكشف).*|غير (?:معلن|محدد).*|"
    r"(?:شركه|موسسه|فرقه|جمعيه|استوديو|ستوديو|استديو|مكتب|وكاله|دار|نادي|هييه)"
    r"(?: (?:ال)?(?:انتاج|اعلان|دعايه|تسويق|اعلام|"
    r"(?:اعلاني|اعلامي|دعايي|سينمايي|فني|كبير|معروف|مشهور|عالمي|محلي|سعودي|خليجي|دولي|ناشي|جديد|رايد|خاص|متخصص|مستقل|صغير)(?:ه)?|"
    r"كبري|و|في|ب[^ ]{3,}|جده|الرياض|الدمام))+)$"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A name and the raw words that hold it."""

    value: str
    evidence: Evidence


def find_title(page: Page, role: str | None) -> Named:
    """The project's own name where it is quoted, else the phrase that says what is made, else the role, else the first
    line with words. Never empty.
    """
    for start, end in (*_quoted(page.visible), *_phrases(page.visible)):
        named = _named(page, start, end)
        if named:
            return named
    start, end = _first_line(page)
    at = page.raw.find(role) if role else -1
    if role and at >= 0 and _GREETING.match(page.raw[start:end]):
        start, end = at, at + len(role)
    return _named(page, start, end) or Named("Casting call", page.evidence_at(0, 0, Support.DERIVED, "no_title"))


def _named(page: Page, start: int, end: int, most: int = 90) -> Named | None:
    words = page.visible[start:end]
    value = " ".join(words.replace(HIDDEN, " ").replace(ADDRESS, " ").split()).strip(_CLEAN)[:most].strip(_CLEAN)
    value = unicodedata.normalize("NFKC", value).replace("\u0640", "")[:most].strip(_CLEAN)  # one sign may become 18
    if not any(char.isalpha() for char in value):
        return None
    offset = words.find(value)
    if offset < 0:
        return Named(value, page.evidence_at(start, end, Support.NORMALISED))
    return Named(value, page.evidence_at(start + offset, start + offset + len(value)))


def _quoted(raw: str) -> list[tuple[int, int]]:
    """Quoted and bold names of projects, those beside the word for a project first."""
    bold = _BOLD.search(raw)
    spans = [match.span("name") for match in (bold, _IN_BRACKETS.search(raw), _CALLED.search(raw)) if match]
    others: list[tuple[int, int]] = []
    for match in _QUOTED.finditer(raw):
        before = raw[max(0, match.start() - 40) : match.start()]
        if _NOT_A_TITLE.search(before):
            continue
        near = re.search(rf"{_PROJECT}[^\n.]{{0,30}}$", before, re.IGNORECASE)
        (spans if near else others).append(match.span("name"))
    return spans + [span for span in others if span[0] < 220]


def _phrases(raw: str) -> list[tuple[int, int]]:
    found = []
    matches = list(_PHRASE.finditer(raw))
    lower = raw.lower()
    if any(word in lower for word in _ENGLISH_WORDS):
        matches = sorted([*matches, *_ENGLISH_PHRASE.finditer(raw)], key=lambda match: match.start())
    for match in matches:
        start, end = match.span("name")
        if _NO_PHRASE.match(raw, start):
            continue
        stop = _STOP.search(raw, start, end)
        found.append((start, stop.start() if stop else end))
    return [(start, end) for start, end in found if len(raw[start:end].split()) > 1][:1]


def _first_line(page: Page) -> tuple[int, int]:
    start = 0
    best: tuple[int, int] | None = None
    for line in page.visible.split("\n"):
        span = (start, start + len(line))
        start += len(line) + 1
        if sum(char.isalpha() for char in line) < 3:
            continue
        best = best or span
        if HIDDEN in line:  # what stands beside an order to machines is no title, where there is another line
            continue
        if not _GREETING.match(line):
            return span[0], min(span[1], span[0] + 90)
    return best or (0, min(len(page.raw), 90))


def _is_a_name(value: str) -> bool:
    """Whether it can be a company's name: not what stands for one, and in Latin letters with a capital."""
    capital = not value.isascii() or any(char.isupper() or char.isdigit() for char in value)
    return capital and not _NO_COMPANY.match(value) and not _NO_NAME.match(fold_text(value))


def find_company(page: Page) -> Named | None:
    """The company, theatre group or casting office that the text names as the one behind it, or None."""
    for pattern in _COMPANIES:
        for match in pattern.finditer(page.visible):
            start, end = match.span("name")
            words = re.sub(
                r"(?<=\w)\s*[*«\"“]",
                lambda m: m[0].replace("*", " ").replace("«", " ").replace('"', " ").replace("“", " "),
                page.raw[start:end],
            )
            stop = _COMPANY_STOP.search(words)
            named = _named(page, start, start + (stop.start() if stop else end - start), most=60)
            people = named is not None and any(
                word.isascii() and bare(word) for word in named.value.lower().split()[:-1]
            )
            if named and not people and _is_a_name(named.value) and len(named.value.split()) <= 6:
                value = named.value.replace("*", "").replace("«", "").replace("»", "").replace('"', "")
                return Named(" ".join(value.split()), named.evidence)
    return None
