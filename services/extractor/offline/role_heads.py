"""The people that a running text names, each with a score for being sought: "نحتاج ٦ بنات", "دور «سالم»"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from services.extractor.offline.ages import Age
from services.extractor.offline.page import Page
from services.extractor.offline.people import PLURAL, WORDS, bare, both, gender_of
from services.extractor.offline.role_lists import count_in
from shared.contracts.calls import Gender

_SEEK = re.compile(
    r"(?<![^\W\d_])(?:و|ل)?(?:مطلوب(?:ه|ين|ات)?|نحتاج|محتاج(?:ين|ه)?|يحتاج|تحتاج|احتاج|بحاجه|حاجتها|حاجتنا|"
    r"حاجتهم|نبا|بدنا|بدي|بدو|بدها|دايرين|داير|عايز(?:ين|ه)?|عاوز(?:ين|ه)?|نشتي|ودنا|لازمن[يا]|يلزمنا|ناقص(?:ه|ها|ين)?|نبي|ابي|يبي|تبي|ابغي|نبغي|يبغي|تبغي|بغينا|ندور|ادور|يدور|تدور|نبحث|يبحث|تبحث|البحث|يبحثون|"
    r"ناقصنا|نقصنا|ينقصنا|باقي|عنده|عندكم|نريد|نختار|تستقبل|نستقبل|استقبال|تدعو|دعوه|دور|شخصيه|يطلبون|نطلب|"
    r"يطلب|وكذلك|كذلك|ايضا|plus|"
    r"needs?|needed|looking|seek(?:ing|s)?|wants?|wanted|casting|hiring|require[sd]?|know|paging|iso|searching|"
    r"recast)(?![^\W\d_])"
)
_AGAINST = re.compile(
    r"(?<![^\W\d_])(?:اسم|رقم|موافقه|حضور|ولي|اهل|مخرج|فنان|لفنان|مصور|منتج|كاتب|لكل|كل|زي|لبس|ملابس|صوره|قصه|"
    r"بيت|يا|سلام|هلا|مرحبا|اهلا|حياكم|مسا|صباح|مع|(?<!نبحث )(?<!يبحث )(?<!تبحث )(?<!البحث )(?<!يبحثون )(?<!ادور )عن|"
    r"مثل|يشبه|يشبهون|شكل(?:ه|ها|هم|هن)|كانهم|من|احد|مو|مب|بدل|بدال|عوض|مكان|ليس|ما\s(?:ن|ا)ب[يغ]\w*|(?:ما|لا|مو|مش)\s(?:ن|ا|م)حتاج\w*|لا\s(?:نريد|نبحث\sعن|نبي|نبغي)|(?:not\slooking|no\sneed)\sfor|اخو|hi|hey|hello|dear|per|each|your|of|with|w/|by|from|the|not|instead\sof|don't\swant|don't\sneed|no\smore|\w's)\s(?:ال)?$|"
    r"(?:مسلسل|فيلم|مسرحيه|series|film)\s?[(\"]$"
)
_LABELLED = re.compile(
    r"(?<![^\W\d_])[ولب]?(?:ال)?(?:دور(?:ها|ه)?|شخصي(?:ه|تها|ته))(?![^\W\d_])(?:(?: [^\W\d_]+){1,5}:|"
    r" ?:)? ?[\"*'(]*(?P<name>[^\W\d_]{2,}(?: "
    r"[^\W\d_]{2,})?)"
    r"|(?<![a-z])role(?: of| left)? ?[:-]? ?[\"*']*(?P<en>[a-z]{2,})"
)
_NO_NAME = re.compile(
    r"^(?:الرييسي|رييسي|رييسيه|الثاني|الاول|ثانوي|البطوله|بطوله|صغير|كبير|قصير|مهم|قوي|جديد|واحد|فقط|في|من|"
    r"مميز|متحدث|مساعد|بسيط|محوري|المفتوح|انتقل|هو|هي|كان|يكون|لازم|عباره|نسايي|رجالي|open|the|a|is|in|for|"
    r"left)(?!\w)"
)
# Roles that are filled already, and the parent who comes along or is called.
_CLOSED = re.compile(
    r" (?:اكتمل\w*|خلصوا|خلصنا\w*|انتهوا|تم |مكتمل\w*|لا (?:تراسل|ترسل|تتواصل|يراسل)\w*|(?:are |is )?(?:filled|"
    r"full|taken|closed|done)\b)"
)
_FILLED = re.compile(
    r"(?<![^\W\d_])(?:اكتمل(?:ت|نا)?|خلصت|خلصنا|انتهت|انتهينا|اكتفينا|اكتفا|غطينا|we have enough|done with)"
    r"(?: من| with)?(?: (?:ال)?(?:ادوار|دور|عدد|شخصيات|طلب))? $"
)
_COMPANION = re.compile(
    r"و?(?:ام|اب|ابو|اخ|والد|والدت|ولي ام)(?:ه|ها|هم|ره|رها)? (?:(?:او|و|ولا) ?(?:ام|اب|ابو|والد)(?:ه|ها|هم)? )?"
    r"(?:مع|يكلم|تكلم|يتواصل|تتواصل|يحضر|تحضر|يوافق|موافق|يجي|تجي|يطرش|تطرش|يرسل|ترسل)"
)
_COUNTED = re.compile(r"(?<![^\W\d_])(?:ال)?عدد(?:هم)? ?(?:المطلوب )?[:=]? ?\d{1,4} ?$")
_MONEY_AFTER = re.compile(r" ?[:=]? ?[1-9]\d{2,5}(?!\d)")
_TOKEN = re.compile(r"[^\W\d_]+(?:/[^\W\d_]+)?")
_QUOTED = re.compile(r'"[^"\n]{1,60}"')
_IDIOM = re.compile(r"ستاند ?اب|ميك ?اب|سيت ?اب|جد الجد|من جد|for-men")
WEAK = frozenset(
    "صوت شخصيه شخصيات جد وجه student students artist manager owner voice voices friends people guys doctor "
    "driver ضيف ضيوف طلاب cast family عايله chef ناس".split()
)
GENERIC = frozenset(
    "ذكور اناث ذكر انثي male males female females men women man woman guys girls شخص اشخاص ناس people persons "
    "رجال نسا شباب بنات".split()
)
_TAGS = frozenset("ذكر انثي ذكور اناث male female males females man woman".split())
_PERSONS = frozenset("شخص اشخاص ناس people persons person".split())
_GROUPS = frozenset("عايله عايله family families عوايل".split())


@dataclass(frozen=True, slots=True)
class Head:
    """A word for people (or two that belong together): folded [start, end), how surely it is sought, its gender."""

    word: str
    start: int
    end: int
    score: int
    gender: Gender | None
    labelled: bool = False  # "دور X": named as a role
    bracketed: bool = False  # stands in brackets behind another head


def find_heads(page: Page, ages: list[Age]) -> list[Head]:
    """All heads from left to right, neighbours joined ("موديل بنت", "رجال ونساء", "معلق (رجل)")."""
    named = _named_roles(page)
    quoted = [match.span() for match in _QUOTED.finditer(page.text)]
    found: list[Head] = []
    for match in _TOKEN.finditer(page.text):
        head = _head(page, match, ages)
        if head is None or any(one.start <= head.start < one.end for one in named):
            continue
        if any(start <= head.start < end for start, end in quoted) and page.text[head.start - 1 : head.start] != '"':
            continue
        joined = _joined(page, found[-1], head) if found else None
        if joined:
            found[-1] = joined
        elif found and (refined := _in_brackets(page, found[-1], head)):
            found[-1:] = refined
        else:
            found.append(head)
    return sorted([*found, *named], key=lambda one: one.start)


def _head(page: Page, match: re.Match[str], ages: list[Age]) -> Head | None:
    word = bare(match[0].split("/")[0])
    if match[0] == "ريال" and _is_man(page, match):
        word = "رجل"
    if word is None or (word in _PERSONS and _COUNTED.search(page.text[max(0, match.start() - 24) : match.start()])):
        return None
    if (word == "جده" and not _is_grandmother(page, match)) or _IDIOM.search(
        page.text[max(0, match.start() - 8) : match.end() + 6]
    ):
        return None
    gender = Gender.ANY if "/" in match[0] and both(match[0]) else WORDS[word]
    return Head(word, match.start(), match.end(), _score(page, word, match, ages), gender)


def _is_man(page: Page, match: re.Match[str]) -> bool:
    """ريّال is a man in the Gulf, and folds to the currency: no sum before it, a nationality or an age behind it."""
    before, after = page.text[max(0, match.start() - 6) : match.start()], page.text[match.end() : match.end() + 12]
    return not re.search(r"(?:\d|ميه|الف) ?$", before) and bool(
        re.match(r" (?:كويتي|سعودي|خليجي|اماراتي|\d\d?(?!\d))", after)
    )


def _is_grandmother(page: Page, match: re.Match[str]) -> bool:
    """جدة is a city too."""
    after = page.text[match.end() : match.end() + 14]
    before = page.text[max(0, match.start() - 12) : match.start()]
    return bool(
        re.match(r" ?[(-]? ?\d{2} ?(?:\+|-|سن|وفوق|فما)| \(ام |ه? (?:كبيره|عجوز|حنون|طيبه)", after)
        or re.search(r"(?:عنده|عندها|دور|مطلوب|نبي|ابي) $", before)
    )


def _named_roles(page: Page) -> list[Head]:
    """Roles that the text calls so: "دور «سالم»", "شخصية نادل", "ROLE: Driver"."""
    found = []
    for match in _LABELLED.finditer(page.text):
        group = "name" if match["name"] else "en"
        if _NO_NAME.match(match[group]) or (group == "en" and not re.search(r"[:\"*'-]|of", match[0])):
            continue
        line_end = page.line_at(match.start())[1]
        words = page.text[match.start(group) : min(line_end, match.start(group) + 60)]
        found.append(
            Head(match[group], match.start(group), match.end(group), 5, gender_of(words, item=True), labelled=True)
        )
    return found


def _joined(page: Page, one: Head, other: Head) -> Head | None:
    """One head of two neighbours, where they speak of one slot."""
    between = page.text[one.end : other.start]
    attached = page.text[other.start : other.end].startswith("و")
    score = max(one.score, other.score)
    opposite = one.gender and other.gender and one.gender is not other.gender
    conj = re.fullmatch(r" ?(?:[/,+&]|و|and|or|او|ولا)? ?", between) and (between.strip() or attached)
    if opposite and (
        (conj and one.word in _TAGS and other.word in _TAGS)
        or (one.word not in PLURAL and re.fullmatch(r" (?:او|ولا|or) (?:ال)?(?:an? )?", between))
    ):
        return replace(one, end=other.end, score=score, gender=Gender.ANY)
    counted = re.search(r"\d ?$", page.text[max(0, other.start - 4) : other.start]) or re.search(
        r"\d", page.text[one.start : one.end]
    )
    if conj and one.word in PLURAL and other.word in PLURAL and not counted and one.gender is not other.gender:
        return Head(one.word, one.start, other.end, score, one.gender if one.bracketed and not opposite else Gender.ANY)
    if one.bracketed and opposite and re.fullmatch(r" ?[,/+&]? ?| (?:or|and|او) ?", between):
        return replace(one, end=other.end, score=score, gender=Gender.ANY)
    if (
        re.fullmatch(r" (?:[^\W\d_]+ ){0,2}?(?:تكون|يكون|تصير|يصير|بدور|as an?|to be) (?:ال)?", between)
        and not opposite
    ):
        return replace(one, end=other.end, score=score, gender=one.gender or other.gender)
    if other.word in _PERSONS and one.gender and re.fullmatch(r"(?: [^\W\d_]+)?[ (:-]{1,3}\d{1,4} ", between):
        return replace(one, end=other.end, score=score)
    if (re.fullmatch(r" (?:[^\W\d_]{2,10} )?", between) and not attached) or re.fullmatch(
        r"(?: [^\W\d_]+)? ?: ?", between
    ):
        if opposite or " و" in between or re.search(r" (?:and|or|او) $", between):
            return None
        word = one.word if (one.gender or not other.gender) and one.word not in WEAK else other.word
        return Head(word, one.start, other.end, score, one.gender or other.gender)
    if conj and one.bracketed and opposite and not counted:
        return replace(one, end=other.end, score=score, gender=Gender.ANY)
    return None


def _in_brackets(page: Page, one: Head, other: Head) -> list[Head] | None:
    """What a bracket behind a head says of it: its gender, or the members of a family or group."""
    between = page.text[one.end : other.start]
    if not re.fullmatch(r"[^()\n.]{0,30}\( ?(?:\d{1,2} )?(?:[^\W\d_]+ )?", between):
        return None
    if re.search(r"(?:مسلسل|فيلم|مسرحيه|كليب|برنامج|series|film|show|play) ?\(", between):
        return [one]
    if one.word in _GROUPS or (re.search(r"\( ?\d", between) and one.gender is None):
        return [replace(other, score=max(one.score, 3))]
    if one.gender is None and other.word != one.word:
        return [replace(one, gender=other.gender, end=other.end, bracketed=True)]
    return [one]


def _score(page: Page, word: str, match: re.Match[str], ages: list[Age]) -> int:
    start, line_end = page.line_at(match.start())
    before = page.text[max(start, match.start() - 40) : match.start()]
    score = 1 if match.start() < 120 else 0
    if _CLOSED.match(page.text[match.end() : match.end() + 24]) or _COMPANION.match(page.text, match.start()):
        score -= 6
    if _SEEK.search(before):
        score += 3
    if (
        re.search(r"(?:^|[ (+])\d{1,3}(?: ?[x×])? (?:[^\W\d_]+ )?$", before)
        or count_in(before[-12:] + match[0]) is not None
    ):
        score += 3
    if any(
        0 <= age.place.start - match.end() <= (2 if age.labelled else 30) and age.place.start < line_end for age in ages
    ):
        score += 3
    if _AGAINST.search(before):
        score -= 5
    if _FILLED.search(before):
        score -= 6
    if match[0].startswith(("لل", "ولل")) or _MONEY_AFTER.match(page.text[match.end() : match.end() + 12]):
        score -= 5
    return score - (2 if word in WEAK else 0)
