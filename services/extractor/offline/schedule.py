"""Deadline and shoot dates: each date of the text goes to the cue word that speaks of it.

A date belongs to a deadline, to the work (shoot, performance, event), to an audition (also rehearsals and fittings) or
to something else (a decision, a delivery); only the first two are kept. Without a cue it is a day of work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.extractor.offline.page import Page
from services.extractor.offline.schedule_cues import CUE, CUES, Use, of_a_move, of_something_else, of_the_clock
from services.extractor.offline.schedule_days import days_of
from shared.arabic.dates import DateMention
from shared.contracts.calls import DateRange, Evidence, Support

_UNTIL = re.compile(
    r"(?<!\w)(?:قبل|قبيل|قبال|لين|لغايه|لحد|لحدي|حتي|الي|لنهايه|لاخر|before|by|b4|until|till|til|untill|gabl|8abl|qabl|"
    r"abl|lain|leen|la7ad|latest(?:\sby)?|not\slater\sthan|no\slater\sthan|eod|cob)\s(?:نهايه\s|اخر\s)?(?:ال?يوم\s|yom\s|(?:el|il|al)[\s-]?|تاريخ\s|دوام\s|"
    r"end\sof\s(?:day\s|play\s)?|eod\s|cob\s|close\sof\s(?:business|play)\s|the\s|this\s|noon\s|midnight\s|morning\s|صلاه\s|العشا\s|"
    r"المغرب\s|الظهر\s|العصر\s|الفجر\s|الضحي\s|يوم\s|مسا\s|ظهر\s|عصر\s|فجر\s|صباح\s|(?:ال)?ليل(?:ه)?\s|نص\s|نصف\s|منتصف\s|الساعه\s\d{1,2}\s|(?:صباحا|مساء|ليلا)\s|of\s|on\s|"
    r"\d{1,2}\s?(?:am|pm)?\s)*"
    r"(?:(?:الاحد|الاثنين|الثلاثا|الاربعا|الخميس|الجمعه|السبت|\w{3,9}day|mon|tue|wed|thu|fri|sat|"
    r"sun)\s?,?\s(?:الموافق\s)?)?$"
)
_SENTENCE_END = re.compile(r"[.!?;](?=\s)|[|]")
# "اللي حابب يحكيني واتساب لبكرا" · "Today please."
_ASKED = re.compile(r"(?:يحك|يكلم|كلمو|راسل|تواصل|واتس|ارسل|بعت|طرش|ردوا|text|message|whatsapp|send)[^.\n]{0,40}$")
_PLEASE = re.compile(r"\s?,?\s?(?:please|pls|plz|تكفون|تكفي|لو\sسمحت\w*|ضروري|الله\sيسعد\w*)")
_OFFER = re.compile(r"(?:عرض|العرض|خصم|الخصم)\s(?:(?:ساري|سار|مستمر|متاح|قايم)\s)?$")
_TOO_LATE = re.compile(r"\s(?:ما\s?(?:ينفع|يمدي|يصير)|متاخر|is\s(?:too\s)?late|too\slate|won't\swork)")
_FAR = 90
_MOST_DATES = 200  # that are looked at; a post has a dozen at most, and each costs a search around it
_FAR_AFTER = 34
_LONG_AGO = timedelta(days=62)  # what was before that is told of earlier work: "our pilot of May 2024"


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
    use: Use
    cued: bool
    firm: bool = False  # introduced by a word like "before", which nothing else can mean


def find_schedule(page: Page, dates: list[DateMention], *, recorded: bool = False) -> Schedule:
    """Deadline and shoot dates. For `recorded` work (voices), a bare "today" is no day of work."""
    since = page.now.date() - _LONG_AGO
    mentions = _without_doubles(page, [one for one in dates[:_MOST_DATES] if one.end is None or one.end >= since])
    used = [_use(page, mention, mentions[max(0, at - 4) : at + 5]) for at, mention in enumerate(mentions)]
    used = _told_apart(used)
    deadline = _deadline([one for one in used if one.use is Use.DEADLINE])
    shoot = _shoot([one for one in used if one.use is Use.SHOOT], recorded)
    days = days_of(page, shoot) if shoot else None
    return Schedule(
        deadline.end if deadline else None,
        _evidence(page, deadline) if deadline else None,
        days,
        _evidence(page, shoot) if shoot and days else None,
    )


def _told_apart(used: list[_Used]) -> list[_Used]:
    """Where one date is firmly the deadline and none is of the work, an earlier one not firmly one is of the work."""
    firm = next((at for at, one in enumerate(used) if one.firm), None)
    if firm is None or any(one.use is Use.SHOOT for one in used):
        return used
    return [
        replace(one, use=Use.SHOOT, cued=False) if at < firm and one.use is Use.DEADLINE and not one.firm else one
        for at, one in enumerate(used)
    ]


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
    if "\n" in between or _SENTENCE_END.search(between) or CUE.search(between):
        return 1000
    return len(between)


def _use(page: Page, mention: DateMention, mentions: list[DateMention]) -> _Used:
    line_start, line_end = page.line_at(mention.place.start)
    before = page.text[line_start : mention.place.start]
    until = _UNTIL.search(before, max(0, len(before) - 50))
    if until and not _is_shoot_range(before) and not _ends_vague_range(mention, mentions, line_start + until.start()):
        said = before[: until.start()]
        if not of_the_clock(said) and not of_a_move(said):
            ignored = _OFFER.search(said) or of_something_else(said)
            return _Used(mention, Use.IGNORE if ignored else Use.DEADLINE, cued=True, firm=not ignored)
        if mention.rule == "today":
            return _Used(mention, Use.IGNORE, cued=True)
    if _TOO_LATE.match(page.text, mention.place.end):
        return _Used(mention, Use.IGNORE, cued=True)
    if (
        _ASKED.search(before[-60:])
        and page.text[mention.place.start] == "ل"
        and mention.kind in ("relative", "weekday")
    ):
        return _Used(mention, Use.DEADLINE, cued=True)
    if mention.rule == "today" and _PLEASE.match(page.text, mention.place.end):
        return _Used(mention, Use.DEADLINE, cued=True)
    nearest = _nearest_cue(page, mention, mentions, line_start, line_end)
    if nearest is None and line_start > 0:
        nearest = _heading(page, line_start)
    if mention.kind == "within":
        return _Used(mention, _within(mention, nearest), cued=True)
    return _Used(mention, nearest or Use.SHOOT, cued=nearest is not None)


def _is_shoot_range(before: str) -> bool:
    """A "to" or "until" after a start belongs to a range that was not read as one, not to a deadline."""
    return bool(re.search(r"(?:تصوير|نصور|shoot|film)\w*\s(?:\w+\s){0,3}(?:الي|حتي|لين|until|till)\s$", before))


def _ends_vague_range(mention: DateMention, mentions: list[DateMention], at: int) -> bool:
    """Whether the "until" at a place follows a part of a month: "من منتصف أكتوبر لين نهاية نوفمبر"."""
    return any(one.kind == "vague" and at - 2 <= one.place.end <= at for one in mentions if one is not mention)


def _within(mention: DateMention, nearest: Use | None) -> Use:
    """A span like "within 48 hours" counts only for an application; "within the hour" is work right now."""
    if mention.rule == "within_the_hour":
        return Use.SHOOT
    if nearest is Use.DEADLINE:
        return Use.DEADLINE
    return Use.IGNORE


def _nearest_cue(
    page: Page, mention: DateMention, mentions: list[DateMention], line_start: int, line_end: int
) -> Use | None:
    best: tuple[int, Use] | None = None
    start, end = max(line_start, mention.place.start - _FAR), min(line_end, mention.place.end + _FAR)
    for cue in CUE.finditer(page.text, start, end):
        if cue.start() < mention.place.end and mention.place.start < cue.end():
            continue
        _, use, handicap = CUES[int((cue.lastgroup or "u0")[1:])]
        ahead = cue.end() <= mention.place.start
        if use is Use.IGNORE and not (ahead and mention.place.start - cue.end() <= 4):
            continue
        span = (cue.end(), mention.place.start) if ahead else (mention.place.end, cue.start())
        cost = (span[1] - span[0]) + handicap + (0 if ahead else 16) + _barriers(page, span, mentions)
        if not ahead and cost > _FAR_AFTER:
            continue
        if best is None or cost < best[0]:
            best = (cost, use)
    return best[1] if best and best[0] <= (56 if best[1] in (Use.AUDITION, Use.OTHER) else _FAR) else None


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


def _heading(page: Page, line_start: int) -> Use | None:
    """The cue of the line above, where that line is nothing but a heading."""
    start, end = page.line_at(line_start - 1)
    line = page.text[start:end].strip(" *_-:•")
    if not 0 < len(line) <= 40 or not (page.text[start:end].rstrip(" *_").endswith(":") or len(line) <= 22):
        return None
    cue = CUE.search(line)
    return CUES[int((cue.lastgroup or "u0")[1:])][1] if cue else None


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
