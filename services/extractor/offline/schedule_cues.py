"""The words that say what a date is for: an application, the work itself, an audition, a decision."""

from __future__ import annotations

import re
from enum import Enum


class Use(Enum):
    """What a date is for."""

    DEADLINE = "deadline"
    SHOOT = "shoot"
    AUDITION = "audition"
    OTHER = "other"
    IGNORE = "ignore"


# (cue words, use, handicap in characters): a strong cue may stand further off than a weak one.
CUES: tuple[tuple[str, Use, int], ...] = (
    (
        r"اخر\s(?:موعد|يوم|فرصه|اجل|مهله|وقت|معاد|استقبال|استلام|تسليم|تسجيل|تقديم|ارسال|ساعه|دقيقه|ميعاد|تاريخ)|"
        r"(?:ال)?(?:موعد|ميعاد|يوم|فرصه|مهله)\s(?:ال)?(?:نهايي|اخير|اخيره)|(?:بحد|كحد|حد)\sاقصي|اقصي\s(?:حد|موعد|وقت)|الحد\sالاقصي|"
        r"ننهي|ننتهي\sمن\sاستقبال|نختم|نخلص\s(?:ال)?(?:استقبال|تسجيل)|نلم|خلصوا\sارسال|تتقفل|يتقفل|بنقفل|بيسكر|بنسكر|تسكير|نسكر|"
        r"اخر\sشي|نوقف\sاستقبال|اوقف\s(?:ال)?استقبال|(?:i'm|we're|am|are)\slocking|(?:i|we)\slock|stop\s(?:looking|taking|accepting)|i\sstop|we\sstop|"
        r"ردوا\s(?:لي|علي|علينا)|ننتظركم|المهله|مهله|latest|cutoff|send\sby|wrap(?:ping)?\sup\ssubmissions|"
        r"window\scloses?|lines?\sclose|doors?\sclose|we(?:'re|\sare)?\sclos(?:e|ing)|ends?\s(?:on|this|by)|last\schance|"
        r"الموعد\sالنهايي|(?:في\s)?موعد\sاقصاه|(?:في\s)?موعد\sغايته|"
        r"اقصاه|(?:ال)?اقفال|[يت]?ت?قفل|نقفل|يقفل|"
        r"(?:ال)?اغلاق|يغلق|نغلق|تغلق|اغلق|تقفيل|ينتهي|تنتهي|انتها|نوقف|نتوقف|يتوقف|[يب]+وقف\s(?:ال)?(?:استقبال|تقديم|تسجيل|قبول)|(?:تقديم|تسجيل|استقبال)\s[يب]*وقف|يسكر|نسكر|بيقفل|تمديد|ديدلاين|"
        r"الباب\sمفتوح|مفتوح|يستمر|مستمر|(?:نبي|نبغي|ابي|ابغي|ننتظر|بانتظار)\s(?:ال)?(?:رد|ردود|ردكم)|"
        r"نستقبل|الاستقبال|(?:ل|عن\s)?استقبال\s(?:ال)?(?:طلبات|مشاركات|فيديوهات|سيلف\w*|صور|تسجيل\w*|اعمال|"
        r"ملفات|ترشيحات|متقدمين)|تستقبل|يستقبل|"
        r"deadline|closing(?:\sdate)?|closes?|closed|cut[\s-]?off|last\s(?:day|date|call)|expires?|due|"
        r"apply\sby|submissions?|accepting|(?:stays?|remains?|is)?\s?open\s(?:until|till|for)|valid\suntil|"
        r"no\slater\sthan|(?:الفورم|الرابط|التسجيل|التقديم)\s(?:متاح|شغال)|صلاحيه",
        Use.DEADLINE,
        0,
    ),
    (
        r"(?:ال|لل)?تقديم(?:ات)?|قدم(?:وا|ي)?|يقدم|(?:ال|لل)?تسجيل(?!\s(?:في\s|ب)(?:ال)?(?:است|منزل|بيت))|سجل(?:وا|ي)?|يسجل|(?:ال|لل)?ارسال|ارسل(?:وا|"
        r"ي|ها)?|يرسل|ترسل|نرسل|ابعث(?:وا)?|"
        r"(?:ال)?استلام|نستلم|(?:ال|لل)?ترشيح(?:ات)?|رشح(?:وا)?|راسل(?:وا|ونا|وني)?|تعبيه|عبي|(?:لل|ال)?حجز|"
        r"احجز|الفورم|النموذج|"
        r"رسل(?:وا|ي)?|يطرش|طرش(?:وا|ي|ون|و)?|دز(?:وا|ي|و)?|ابعت(?:وا|ي|ولي|لي|و)?|بعت(?:وا|ولي|و)|تعبون|عبوا|حولوا|"
        r"ترسل(?:ون|ين)|يرسلون|تكلم(?:ني|ون)|ursel\w*|ersel\w*|"
        r"apply|applications?|submit|submission|register|registration|reg|rsvp|tapes?|self[\s-]?tapes?|"
        r"(?:ال)?سيلف\s?تيب|(?:ال)?فيديوهات|(?:ال)?مشاركات|(?:ال)?عينات?|send|email|sign[\s-]?up|dm|reply|fill",
        Use.DEADLINE,
        14,
    ),
    (
        r"(?:ال|لل|ب)?مقابل(?:ه|ات)|(?:ال|لل)?انترفيو|(?:ال)?اوديشن(?:ات)?|(?:ال)?اختبار(?:ات)?|احضر(?:وا|ي)?|"
        r"(?:ال)?حضور(?:ي|يا|يه)?|(?:ال)?لقا(?:\sو?القراه)?|"
        r"(?:ال)?(?:فيتنغ|فتنق|فيتنق|فتنغ|فيتينج|قياس\sالملابس)|(?:ال|لل)?بروف(?:ه|ات|ا)|تدريب(?:ات)?|"
        r"التدريب(?:ات)?|كول\s?باك|تجارب\sالادا\s(?:يوم|بتاريخ|ستكون|حضوري)|"
        r"(?:ال)?(?:تجارب\s(?:ال)?ادا|كاستن[جقغ]|كاستينج)(?=\s?[:=-]?\s?(?:يوم|يومي|بتاريخ|ال(?:احد|اثنين|ثلاثا|اربعا|خميس|جمعه|سبت)|"
        r"\d{1,2}\s?(?:-|و|الي)?\s?\d{0,2}\s(?:يناير|فبراير|مارس|ابريل|مايو|يونيو|يوليو|اغسطس|سبتمبر|اكتوبر|نوفمبر|ديسمبر)))|"
        r"(?:open\s)?casting(?=\s?:?\s(?:on\s|this\s|next\s)?(?:mon|tues?|wed|wednes|thu|thurs|fri|sat|satur|sun)(?:day)?\b)|"
        r"(?:open\s)?auditions?|try[\s-]?outs?|call\s?backs?|casting\s(?:day|date|session)s?|interviews?|"
        r"fittings?|meetings?|meet|(?:rehearsals?|read-?throughs?)(?:\s(?:will\s)?(?:start|begin|run)(?:s|ing)?)?|in[\s-]person|workshops?",
        Use.AUDITION,
        0,
    ),
    (
        r"(?:ال)?قرار|picks?|chooses|الاعلان\sعن\s(?:ال)?نتايج|نختار|بنختار|(?:ال)?اختيار|(?:ال)?نتايج|بنرد|سنرد|نرد|الرد|(?:ال)?تسليم|نعلن|الدفع|"
        r"نقرر|decision|decide|choos(?:e|ing)|shortlist(?:ed)?|deliver(?:y|ed)|"
        r"payment|announced?|results?|السفر|عرض\sلين|premieres?|release|يعرض\s(?:في|علي)(?:\sمهرجان)?|البث|usage|buyout|"
        r"prep(?:aration)?(?:\s(?:starts?|begins?|from))?|pre-?production(?:\s(?:starts?|begins?|from))?|(?:ال)?تحضيرات?|"
        r"brief(?:s|ing)?(?:\s(?:goes|is|will\sbe|are)\s(?:out|sent))?|سنعلن|س[يت]علن|(?:last\s)?updated?|posted|(?:اخر\s)?تحديث|invoices?|paid\s(?:on|within)|(?:ال)?(?:عوده|رجوع)|"
        r"(?:we|i)\s(?:travel|fly|leave)|(?:ال)?عقد\s(?:[^\W\d_]+\s|\d{1,2}\s){0,3}[يت]نتهي|"
        r"ينزل(?:\s(?:ال)?اعلان)?|[يت]بث|airs|airing|on[\s-]air|goes\slive|(?:ال|لل)?استخدام(?:\s(?:ال)?اعلان)?|"
        r"تاسس(?:ت|نا)?(?:\s(?:ال)?شرك\w+)?|founded|established|(?:final\s)?(?:files|videos?|edits?|delivery)\s(?:is\s|are\s)?due",
        Use.OTHER,
        0,
    ),
    (r"بدلا?\sمن|بدل|عوضا\sعن|instead\sof|was|كان|كانت", Use.IGNORE, 8),
    (
        r"(?:ال|لل|ب)?تصوير|نصور|يصور|بنصور|تصور|شوت|الشوت|(?:ال|لل)?عرض|العروض|عروض|(?:ال)?حفل(?:ه)?|"
        r"(?:ال)?موتمر|(?:ال|لل)?مهرجان|(?:ال|لل)?فعاليه|(?:لل|ال)?افتتاح|"
        r"تاريخ|التاريخ|الموعد|موعد|الزمان|اليوم|المده|مده|التنفيذ|مطلوب(?:ين|ه)?|محتاج(?:ين|ه)?|نحتاج|نبي|نبغي|ناقصنا|"
        r"(?:ال)?تسجيل\s(?:في\s(?:ال)?است\w+|بال?است\w+)|recordings?|جلسات?\s(?:ال)?تسجيل|"
        r"(?:principal\s)?photography|shoot(?:ing|s)?|film(?:ing|s)|performances?|show\sdates?|shows?|event|dates?|when|start(?:s|"
        r"ing)?(?:\sdate)?|session|call\stime|wrap|on\sset|gala|wedding|need(?:ed)?",
        Use.SHOOT,
        4,
    ),
)  # fmt: skip
CUE = re.compile(r"\b[وف]?(?:" + "|".join(f"(?P<u{n}>{words})" for n, (words, _, _) in enumerate(CUES)) + r")\b")

# What is done "before" or "until" a day, and is no application: the files, the money, the answers, the rehearsals; how
# long a passport lasts.
_ELSE = re.compile(
    r"(?<![^\W\d_])(?:"
    r"[وف]?(?:ال|ب|لل)?تسليم(?!\s(?:ال)?(?:فيديو|مقاطع|مقطع|صور|مشارك|طلب|سيلف|عين|ملف|اعمال|تسجيل|استمار|نماذج))|"
    r"[وف]?[ينت]سلم(?:ون)?|(?<!food\s)deliver(?:y|ies|ed|ables)?(?!\s(?:app|rider|spot|ad|boy|guy|driver|service|brand|company|man))|final\s(?:files|videos?|cut|edits?)|"
    r"[وف]?(?:ال|لل)?بروف(?:ه|ات|ا)|rehearsals?|"
    r"[وف]?(?:ال)?(?:دفع|دفعات|مستحقات|تحويل|حوالات)|[يت]حول|payments?|transfer(?:red)?|"
    r"[وف]?(?:ال)?رد\s(?:علي|عليكم|عليهم)|(?:ب|س)?نرد|(?:ال)?تواصل\sمع\w*|[سب]?نتواصل|(?:ال)?نتايج|get\sback|"
    r"(?:will|we'll|shall)\s(?:\w+\s)?(?:contact|reply|respond|notify|announce|call|be\sin\stouch)|notified|contacted|"
    r"hear\s(?:back\s)?from\sus|results?|"
    r"(?:ال)?(?:جواز|اقامه|رخصه)|passports?|visas?|iqamas?|licen[cs]e"
    r")(?![^\W\d_])"
)
_TO_APPLY = re.compile(
    r"(?<![^\W\d_])[وف]?(?:اخر\s\w+|(?:ال|لل)?(?:تقديم|تسجيل|ارسال|ترشيح|ترشح)|[اينت]?رسل\w*|ابع[تث]\w*|طرش\w*|سجل\w*|قدم\w*|"
    r"forms?|links?|registrations?|applications?|(?:ال)?(?:فورم|رابط|استماره|نموذج|باب)|deadline|apply|submi\w+|send|tapes?|register|demos?|(?:ال)?(?:عينات?|فيديوهات|مقاطع|صوركم))(?![^\W\d_])"
)
# Where somebody is until then; an application may be open in the same words.
_THERE = re.compile(
    r"(?<![^\W\d_])(?:(?:متواجد|موجود|متفرغ|فاضي)(?:ه|ين|ات)?|available|free|based|staying|stays?|be\sin|"
    r"[تي](?:حلق|قص)(?:ون|ين|ي)?|cut|shave|trim)(?![^\W\d_])"
)
_MOVED = re.compile(
    r"(?:تاجل|[يت]تاجل|تاجيل\w*|[يت]?تغير|نقل\w*|moved|postponed|pushed|rescheduled)(?: [^\W\d_]+){0,2} $"
)
_CLOCK = re.compile(
    r"(?:(?:من|بين|from|between)\s(?:ال)?(?:ساعه\s|الساعه\s)?\d{1,2}(?::\d\d)?(?:\s?(?:و\s?)?(?:نص|نصف|ربع))?|"
    r"\d{1,2}(?::\d\d)?\s?[ap]m|\d{1,2}:\d\d)"
    r"(?:\s?(?:[ap]m|[صم](?!\w)|ال?(?:عصر|ظهر|فجر|مغرب|عشا|صبح|صباح|مسا|ليل|ضحي)|صباحا|مساء|ليلا|ظهرا|عصرا))?\s?$"
)
_CLAUSE_END = re.compile(r"[.!?;|,\n](?!\d)")
_NEAR = 34


def of_the_clock(said: str) -> bool:
    """Whether an "until" behind these words ends a span of hours: "من ٣ العصر حتى", "6pm until"."""
    return bool(_CLOCK.search(said[-40:]))


def of_something_else(said: str) -> bool:
    """Whether a "before" behind these words speaks of no application: "التسليم قبل", "passport valid until"."""
    clause = _CLAUSE_END.split(said)[-1]
    if any(len(clause) - one.end() <= _NEAR for one in _THERE.finditer(clause)) and not _TO_APPLY.search(clause):
        return True
    found = list(_ELSE.finditer(clause))
    return bool(found) and len(clause) - found[-1].end() <= _NEAR and not _TO_APPLY.search(clause, found[-1].end())


def of_a_move(said: str) -> bool:
    """Whether a "to" behind these words says where a day was moved: "postponed to"."""
    return bool(_MOVED.search(said[-40:]))
