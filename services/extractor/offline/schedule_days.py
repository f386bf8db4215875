"""The days that a date of work covers: one day, a range, a start without an end, a start with a length."""

from __future__ import annotations

import re
from datetime import timedelta

from services.extractor.offline.page import Page
from shared.arabic.dates import DateMention
from shared.arabic.relative_dates import count_of
from shared.contracts.calls import DateRange

_START = re.compile(
    r"(?<!\w)(?:من|ابتدا\sمن|بدا\sمن|اعتبارا\sمن|يبدا|تبدا|بيبدا|نبدا|بدايه|from|starts?|starting|start\sdate|"
    r"begins?|beginning|commencing|we\sroll|rolling|roll|cameras?\sroll|انطلاق|ننطلق)\s?:?\s"
    r"(?:(?:on|في|يوم|تاريخ|ب?التصوير|تصوير|العمل|the|من|shooting|filming|shoot|rehearsals?)\s?:?\s)*$"
)
_DURATION = re.compile(
    r"(?<![\d-])(?:(?P<n>\d{1,2}|ثلاثه|اربعه|خمسه|سته|سبعه|ثمانيه|تسعه|عشره|ثلاث|اربع|خمس|two|three|four|five|"
    r"six)\s)?(?P<unit>يومين|اسبوعين|شهرين|(?<=عن\s)اسبوع|(?<=لمده\s)(?:اسبوع|شهر)|يوما?|ايام|اسابيع|days?|"
    r"nights?|ليالي?|weeks?)(?!\w)"
    r"(?!\s(?:عمل|في\sالاسبوع|بالاسبوع|اسبوعيا|a\sweek|per\sweek|/\s?week))"
)
_DAYS_OF_WORK = re.compile(r"\s(?:من\s)?(?:ال)?(?:تصوير|شوت|shoot\w*|film\w*|work)(?!\w)")
_MOST_IN_A_ROW = 6  # more days of work than these have days off between them: the last one is not said
_MOVED = re.compile(r"(?:تاجل|تاجيل|تغير|تغيير|نقل|انتقل|moved|postponed|rescheduled|pushed)(?: [^\W\d_]+){0,3} $")
_WEEK_OF = re.compile(
    r"(?:w/c|w\.c\.|week\s(?:commencing|of|starting|beginning)(?:\sthe)?|(?:ال)?اسبوع(?:\sتاريخ)?)\s$"
)
_TO_IT = re.compile(r"(?:الي|الى|ل|to|for|till|until|عند)(?:\sيوم|\sتاريخ|\sthe)?\s$")


def days_of(page: Page, mention: DateMention) -> DateRange | None:
    """The first and the last day; the end is null where the text says only when it begins."""
    if mention.start is None or mention.end is None:
        return None
    line_start, _ = page.line_at(mention.place.start)
    begins = bool(_START.search(page.text[line_start : mention.place.start][-40:]))
    if mention.kind == "month":
        return DateRange(start=mention.start, end=None if begins else mention.end)
    before = page.text[line_start : mention.place.start][-40:]
    if _WEEK_OF.search(before) and mention.days == 1:
        return DateRange(start=mention.start, end=mention.start + timedelta(days=6))
    if _MOVED.search(before) and not _TO_IT.search(before):
        return DateRange(start=mention.end, end=mention.end)
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
        if count > _MOST_IN_A_ROW and _DAYS_OF_WORK.match(page.text, match.end()):
            return 0
        return count * (7 if unit.startswith(("اسبوع", "اسابيع", "week")) else 1)
    return 0
