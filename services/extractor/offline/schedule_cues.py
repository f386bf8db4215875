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
        r"(?:open\s)?auditions?|try[\s-]?outs?|call\s?backs?|casting\s(?:day|date|session)s?|interviews?|"
        r"fittings?|meetings?|meet|rehearsals?|in[\s-]person|workshops?",
        Use.AUDITION,
        0,
    ),
    (
        r"(?:ال)?قرار|picks?|chooses|الاعلان\sعن\s(?:ال)?نتايج|نختار|بنختار|(?:ال)?اختيار|(?:ال)?نتايج|بنرد|سنرد|نرد|الرد|(?:ال)?تسليم|نعلن|الدفع|"
        r"نقرر|decision|decide|choos(?:e|ing)|shortlist(?:ed)?|deliver(?:y|ed)|"
        r"payment|announced?|results?|السفر|عرض\sلين|premieres?|release|يعرض\s(?:في|علي)|البث|usage|buyout",
        Use.OTHER,
        0,
    ),
    (r"بدلا?\sمن|بدل|عوضا\sعن|instead\sof|was|كان|كانت", Use.IGNORE, 8),
    (
        r"(?:ال|لل|ب)?تصوير|نصور|يصور|بنصور|تصور|شوت|الشوت|(?:ال|لل)?عرض|العروض|عروض|(?:ال)?حفل(?:ه)?|"
        r"(?:ال)?موتمر|(?:ال|لل)?مهرجان|(?:ال|لل)?فعاليه|(?:لل|ال)?افتتاح|"
        r"تاريخ|التاريخ|الموعد|موعد|الزمان|اليوم|المده|مده|التنفيذ|مطلوب(?:ين|ه)?|محتاج(?:ين|ه)?|نحتاج|نبي|نبغي|ناقصنا|"
        r"(?:ال)?تسجيل\s(?:في\s(?:ال)?است\w+|بال?است\w+)|recordings?|جلسات?\s(?:ال)?تسجيل|"
        r"shoot(?:ing|s)?|film(?:ing|s)|performances?|show\sdates?|shows?|event|dates?|when|start(?:s|"
        r"ing)?(?:\sdate)?|session|call\stime|wrap|on\sset|gala|wedding|need(?:ed)?",
        Use.SHOOT,
        4,
    ),
)  # fmt: skip
CUE = re.compile(r"\b[وف]?(?:" + "|".join(f"(?P<u{n}>{words})" for n, (words, _, _) in enumerate(CUES)) + r")\b")
