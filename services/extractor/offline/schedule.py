"""Deadline and shoot dates: each date of the text goes to the cue word that speaks of it.

A date belongs to a deadline, to the work (shoot, performance, event), to an audition (also rehearsals and fittings) or
to something else (a decision, a delivery); only the first two are kept. Without a cue it is a day of work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from services.extractor.offline.page import Page
from shared.arabic.dates import DateMention
from shared.arabic.relative_dates import count_of
from shared.contracts.calls import DateRange, Evidence, Support


class _Use(Enum):
    DEADLINE = "deadline"
    SHOOT = "shoot"
    AUDITION = "audition"
    OTHER = "other"
    IGNORE = "ignore"


# (cue words, use, handicap in characters): a strong cue may stand further off than a weak one.
_CUES: tuple[tuple[str, _Use, int], ...] = (
    (
        r"اخر\s(?:موعد|يوم|فرصه|اجل|مهله|وقت|معاد)|الموعد\sالنهايي|(?:في\s)?موعد\sاقصاه|(?:في\s)?موعد\sغايته|"
        r"اقصاه|(?:ال)?اقفال|ي?ت?قفل|نقفل|يقفل|"
        r"(?:ال)?اغلاق|يغلق|نغلق|تغلق|ينتهي|تنتهي|انتها|نوقف|نتوقف|يتوقف|يوقف|يسكر|نسكر|بيقفل|تمديد|ديدلاين|"
        r"الباب\sمفتوح|مفتوح|يستمر|مستمر|"
        r"نستقبل|الاستقبال|(?:ل|عن\s)?استقبال\s(?:ال)?(?:طلبات|مشاركات|فيديوهات|سيلف\w*|صور|تسجيل\w*|اعمال|"
        r"ملفات|ترشيحات|متقدمين)|تستقبل|يستقبل|"
        r"deadline|closing(?:\sdate)?|closes?|closed|cut[\s-]?off|last\s(?:day|date|call)|expires?|due|"
        r"apply\sby|submissions?|accepting|open\suntil",
        _Use.DEADLINE,
        0,
    ),
    (
        r"(?:ال|لل)?تقديم(?:ات)?|قدم(?:وا|ي)?|يقدم|(?:ال|لل)?تسجيل|سجل(?:وا|ي)?|يسجل|(?:ال|لل)?ارسال|ارسل(?:وا|"
        r"ي|ها)?|يرسل|ترسل|نرسل|ابعث(?:وا)?|"
        r"(?:ال)?استلام|نستلم|(?:ال|لل)?ترشيح(?:ات)?|رشح(?:وا)?|راسل(?:وا|ونا|وني)?|تعبيه|عبي|(?:لل|ال)?حجز|"
        r"احجز|الفورم|النموذج|"
        r"apply|applications?|submit|submission|register|registration|reg|rsvp|tapes?|self[\s-]?tapes?|"
        r"(?:ال)?سيلف\s?تيب|(?:ال)?فيديوهات|(?:ال)?مشاركات|(?:ال)?عينات?|send|email|sign[\s-]?up|dm|reply|fill",
        _Use.DEADLINE,
        14,
    ),
    (
        r"(?:ال|لل|ب)?مقابل(?:ه|ات)|(?:ال|لل)?انترفيو|(?:ال)?اوديشن(?:ات)?|(?:ال)?اختبار(?:ات)?|احضر(?:وا|ي)?|"
        r"(?:ال)?حضور(?:ي|يا|يه)?|(?:ال)?لقا(?:\sو?القراه)?|"
        r"(?:ال)?(?:فيتنغ|فتنق|فيتنق|فتنغ|فيتينج|قياس\sالملابس)|(?:ال|لل)?بروف(?:ه|ات|ا)|تدريب(?:ات)?|"
        r"التدريب(?:ات)?|كول\s?باك|تجارب\sالادا\s(?:يوم|بتاريخ|ستكون|حضوري)|"
        r"(?:open\s)?auditions?|try[\s-]?outs?|call\s?backs?|casting\s(?:day|date|session)s?|interviews?|"
        r"fittings?|meetings?|meet|rehearsals?|in[\s-]person|workshops?",
        _Use.AUDITION,
        0,
    ),
    (
        r"(?:ال)?قرار|نختار|بنختار|(?:ال)?اختيار|(?:ال)?نتايج|بنرد|سنرد|نرد|الرد|(?:ال)?تسليم|نعلن|الدفع|"
        r"decision|shortlist(?:ed)?|deliver(?:y|ed)|"
        r"payment|announced?|results?|السفر|عرض\sلين|premieres?|release|يعرض\s(?:في|علي)|البث|usage|buyout",
        _Use.OTHER,
        0,
    ),
    (r"بدلا?\sمن|بدل|عوضا\sعن|instead\sof|was|كان|كانت", _Use.IGNORE, 8),
    (
        r"(?:ال|لل|ب)?تصوير|نصور|يصور|بنصور|تصور|شوت|الشوت|(?:ال|لل)?عرض|العروض|عروض|(?:ال)?حفل(?:ه)?|"
        r"(?:ال)?مؤتمر|(?:ال|لل)?مهرجان|(?:ال|لل)?فعاليه|(?:لل|ال)?افتتاح|"
        r"تاريخ|التاريخ|الموعد|موعد|الزمان|اليوم|المده|مده|التنفيذ|مطلوب(?:ين|ه)?|محتاج(?:ين|ه)?|نحتاج|نبي|نبغي|ناقصنا|"
        r"shoot(?:ing|s)?|film(?:ing|s)|performances?|show\sdates?|shows?|event|dates?|when|start(?:s|"
        r"ing)?(?:\sdate)?|session|call\stime|wrap|on\sset|gala|wedding|need(?:ed)?",
        _Use.SHOOT,
        4,
    ),
)  # fmt: skip
_CUE = re.compile(r"\b[وف]?(?:" + "|".join(f"(?P<u{n}>{words})" for n, (words, _, _) in enumerate(_CUES)) + r")\b")
_UNTIL = re.compile(
    r"(?<!\w)(?:قبل|لين|لغايه|لحد|حتي|الي|لنهايه|before|by|until|till|til|"
    r"no\slater\sthan)\s(?:نهايه\s)?(?:ال?يوم\s|تاريخ\s|end\sof\s(?:day\s)?|the\s|this\s|noon\s|صلاه\s|العشا\s|"
    r"المغرب\s|الظهر\s|العصر\s|الفجر\s|يوم\s|مسا\s)*"
    r"(?:(?:الاحد|الاثنين|الثلاثا|الاربعا|الخميس|الجمعه|السبت|\w{3,9}day|mon|tue|wed|thu|fri|sat|"
    r"sun)\s?,?\s(?:الموافق\s)?)?$"
)
_START = re.compile(
    r"(?<!\w)(?:من|ابتدا\sمن|بدا\sمن|اعتبارا\sمن|يبدا|تبدا|بيبدا|نبدا|بدايه|from|starts?|starting|start\sdate|"
    r"begins?|beginning|commencing)\s?:?\s(?:(?:on|في|يوم|تاريخ|التصوير|the|من)\s)*$"
)
_DURATION = re.compile(
    r"(?<![\d-])(?:(?P<n>\d{1,2}|ثلاثه|اربعه|خمسه|سته|سبعه|ثمانيه|تسعه|عشره|ثلاث|اربع|خمس|two|three|four|five|"
    r"six)\s)?(?P<unit>يومين|اسبوعين|شهرين|(?<=عن\s)اسبوع|(?<=لمده\s)(?:اسبوع|شهر)|يوما?|ايام|اسابيع|days?|"
    r"nights?|ليالي|weeks?)(?!\w)"
    r"(?!\s(?:عمل|في\sالاسبوع|بالاسبوع|اسبوعيا|a\sweek|per\sweek|/\s?week))"
)
_SENTENCE_END = re.compile(r"[.!?;](?=\s)|[|]")
_FAR = 90
_FAR_AFTER = 34


@dataclass(frozen=True, slots=True)
class Schedule:
    """The deadline and the days of work, each with the words that hold it."""

    deadline: date | None = None
    deadline_evidence: Evidence | None = None
    shoot: DateRange | None = None
    shoot_evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class _Used:
    mention: DateMention
    use: _Use
    cued: bool


def find_schedule(page: Page, dates: list[DateMention], *, recorded: bool = False) -> Schedule:
    """Deadline and shoot dates. For `recorded` work (voices), a bare "today" is no day of work."""
    mentions = _without_doubles(page, dates)
    used = [_use(page, mention, mentions[max(0, at - 4) : at + 5]) for at, mention in enumerate(mentions)]
    deadline = _deadline([one for one in used if one.use is _Use.DEADLINE])
    shoot = _shoot([one for one in used if one.use is _Use.SHOOT], recorded)
    days = _range(page, shoot) if shoot else None
    return Schedule(
        deadline.end if deadline else None,
        _evidence(page, deadline) if deadline else None,
        days,
        _evidence(page, shoot) if shoot and days else None,
    )


def _evidence(page: Page, mention: DateMention) -> Evidence:
    return page.evidence(mention.place, Support.DERIVED, mention.rule)


def _without_doubles(page: Page, mentions: list[DateMention]) -> list[DateMention]:
    """Without a weekday or a "tomorrow" that stands beside the date it means."""
    kept = []
    for at, mention in enumerate(mentions):
        near = [
            other
            for other in mentions[max(0, at - 2) : at + 3]
            if other.kind == "day" and mention.kind in ("weekday", "relative") and _gap(page, mention, other) <= 14
        ]
        if not near:
            kept.append(mention)
    return [
        mention
        for at, mention in enumerate(kept)
        if mention.kind != "weekday"
        or not any(
            _gap(page, mention, other) <= 3 for other in kept[max(0, at - 1) : at + 2] if other.kind == "relative"
        )
    ]


def _gap(page: Page, one: DateMention, other: DateMention) -> int:
    """Characters between two dates of one clause; very far across lines, sentences and cue words."""
    first, second = sorted((one.place, other.place), key=lambda place: place.start)
    between = page.text[first.end : second.start]
    if "\n" in between or _SENTENCE_END.search(between) or _CUE.search(between):
        return 1000
    return len(between)


def _use(page: Page, mention: DateMention, mentions: list[DateMention]) -> _Used:
    line_start, line_end = page.line_at(mention.place.start)
    before = page.text[line_start : mention.place.start]
    if _UNTIL.search(before[-50:]) and not _is_shoot_range(before):
        ignored = re.search(r"(?:عرض|العرض|خصم)\s(?:لين|حتي|الي)\s$", before)
        return _Used(mention, _Use.IGNORE if ignored else _Use.DEADLINE, cued=True)
    nearest = _nearest_cue(page, mention, mentions, line_start, line_end)
    if nearest is None and line_start > 0:
        nearest = _heading(page, line_start)
    if mention.kind == "within":
        return _Used(mention, _within(mention, nearest), cued=True)
    return _Used(mention, nearest or _Use.SHOOT, cued=nearest is not None)


def _is_shoot_range(before: str) -> bool:
    """A "to" or "until" after a start belongs to a range that was not read as one, not to a deadline."""
    return bool(re.search(r"(?:تصوير|نصور|shoot|film)\w*\s(?:\w+\s){0,3}(?:الي|حتي|لين|until|till)\s$", before))


def _within(mention: DateMention, nearest: _Use | None) -> _Use:
    """A span like "within 48 hours" counts only for an application; "within the hour" without a cue is work right now."""
    if mention.rule == "within_the_hour":
        return _Use.SHOOT
    if nearest is _Use.DEADLINE:
        return _Use.DEADLINE
    return _Use.IGNORE


def _nearest_cue(
    page: Page, mention: DateMention, mentions: list[DateMention], line_start: int, line_end: int
) -> _Use | None:
    best: tuple[int, _Use] | None = None
    start, end = max(line_start, mention.place.start - _FAR), min(line_end, mention.place.end + _FAR)
    for cue in _CUE.finditer(page.text, start, end):
        if cue.start() < mention.place.end and mention.place.start < cue.end():
            continue
        _, use, handicap = _CUES[int((cue.lastgroup or "u0")[1:])]
        ahead = cue.end() <= mention.place.start
        if use is _Use.IGNORE and not (ahead and mention.place.start - cue.end() <= 4):
            continue
        span = (cue.end(), mention.place.start) if ahead else (mention.place.end, cue.start())
        cost = (span[1] - span[0]) + handicap + (0 if ahead else 16) + _barriers(page, span, mentions)
        if not ahead and cost > _FAR_AFTER:
            continue
        if best is None or cost < best[0]:
            best = (cost, use)
    return best[1] if best and best[0] <= (56 if best[1] in (_Use.AUDITION, _Use.OTHER) else _FAR) else None


def _barriers(page: Page, span: tuple[int, int], mentions: list[DateMention]) -> int:
    """What stands between a cue and a date: the end of a sentence, a comma, another date."""
    between = page.text[span[0] : span[1]]
    cost = (
        60 * len(_SENTENCE_END.findall(between))
        + (8 if span[1] in {m.place.start for m in mentions} else 18) * between.count(",")
        + 12 * between.count("/")
    )
    dates = sum(1 for other in mentions if span[0] <= other.place.start and other.place.end <= span[1])
    return cost + 35 * dates


def _heading(page: Page, line_start: int) -> _Use | None:
    """The cue of the line above, where that line is nothing but a heading."""
    start, end = page.line_at(line_start - 1)
    line = page.text[start:end].strip(" *_-:•")
    if not 0 < len(line) <= 40 or not (page.text[start:end].rstrip(" *_").endswith(":") or len(line) <= 22):
        return None
    cue = _CUE.search(line)
    return _CUES[int((cue.lastgroup or "u0")[1:])][1] if cue else None


_FIRMNESS = {"day": 0, "within": 1, "end_of_month": 1, "relative": 2, "weekday": 2, "week": 3, "month": 3, "vague": 4}


def _deadline(used: list[_Used]) -> DateMention | None:
    mentions = [one.mention for one in used if one.mention.end]
    return min(mentions, key=lambda mention: (min(_FIRMNESS[mention.kind], 2), mention.place.start), default=None)


def _shoot(used: list[_Used], recorded: bool) -> DateMention | None:
    """The mention to go by: cued before uncued, a named day before a counted one, then the first."""
    fit = [one for one in used if one.mention.kind != "end_of_month" and not (recorded and one.mention.rule == "today")]
    best = min(
        fit,
        key=lambda one: (
            _FIRMNESS[one.mention.kind] > 1,
            not one.cued,
            _FIRMNESS[one.mention.kind],
            one.mention.place.start,
        ),
        default=None,
    )
    return best.mention if best else None


def _range(page: Page, mention: DateMention) -> DateRange | None:
    if mention.start is None or mention.end is None:
        return None
    line_start, _ = page.line_at(mention.place.start)
    begins = bool(_START.search(page.text[line_start : mention.place.start][-40:]))
    if mention.kind == "month":
        return DateRange(start=mention.start, end=None if begins else mention.end)
    if mention.days > 1 or mention.kind == "week":
        return DateRange(start=mention.start, end=mention.end)
    length = _length(page, begins)
    if length:
        return DateRange(start=mention.start, end=mention.start + timedelta(days=length - 1))
    open_end = begins or (
        mention.rule == "days_ahead" and "اسبوع" in page.text[mention.place.start : mention.place.end]
    )
    return DateRange(start=mention.start, end=None if open_end else mention.end)


def _length(page: Page, begins: bool) -> int:
    """How many days the work takes, where the text says so for a work that begins on a day; 0 where it does not."""
    for match in _DURATION.finditer(page.text):
        before = page.text[max(0, match.start() - 14) : match.start()]
        if re.search(
            r"(?:بعد|عقب|خلال|within|in|after|بين|between|و|and|اخر|last|اقل\sمن)\s?(?:\d{1,2}\sو\s?)?$", before
        ):
            continue
        if not begins and not re.search(r"(?:عن|لمده)\s$", before):
            continue
        unit = match["unit"]
        duals = {"يومين": 2, "اسبوعين": 14, "شهرين": 0}
        if unit in duals:
            return duals[unit]
        count = count_of(match["n"]) if match["n"] else 1
        if not match["n"] and unit != "اسبوع":
            continue
        return count * (7 if unit.startswith(("اسبوع", "اسابيع", "week")) else 1)
    return 0
