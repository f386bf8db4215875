"""The name under which a model's answer is kept: a message, its copies and forwards share it. Pure.

Left out is what a group adds around a message (forward marks, "share this", the group's own link). In it are the days
that the words mean, so that "tomorrow" sent on another day is another question.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from services.extractor.offline.engine import LONGEST
from shared.arabic.date_mentions import sent_day
from shared.arabic.dates import find_dates
from shared.arabic.normalise import LONGEST_MESSAGE, fold, fold_text

_AROUND = re.compile(
    r"\W*(?:(?:تم )?(?:منقول|منقوول|محول[ه]?|تحويل|اعاده توجيه|معاد توجيهها?|اعيد توجيهها?|وصلني(?: الان)?|كما وصلني|"
    r"للفايده|للنشر|انشر(?:وها?|ها)?|شارك(?:وها?|ها)?|تكفون انشروها?|انشروها تكفون|نشر الخير|forwarded|fwd|fw|"
    r"forwarded many times|forwarded message|shared|please share|pls share|share)(?:[ :]+(?:من|from|كثيرا|لمرات عديده|"
    r"رساله|الرساله|message|many times))?)\W*(?:(?:من القروب|from group)\W*)?"
)
_GROUP_LINK = re.compile(r"chat\.whatsapp\.com/")
_JOIN = re.compile(r"(?:انضم|للانضمام|رابط|قروب|جروب|join|group)")
_TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W\d_]+")
# Times without a date of their own: what they mean hangs on the day of sending.
_HANGS_ON_THE_DAY = re.compile(
    r"(?<![^\W\d_])(?:ال|ب|لل|ل|هال|ها)?(?:يوم|ليله|حين|بكر[اهي]|باكر|باجر|غد[اه]?|اسبوع|اسابيع|شهر|ويكند|ايام|ساعه|ساعات|"
    r"رمضان|شعبان|شوال|محرم|صفر|رجب|عيد|سبت|احد|اثنين|ثلاثا|اربعا|خميس|جمعه|today|tonight|tomorrow|tmrw|tmr|2moro|weekend|"
    r"weeks?|months?|days?|hours?|hrs|eod|asap|now|eid|ramadan|shawwal|muharram|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satur|sat|sun)(?:day)?)(?![^\W\d_])"
)


def key_of(text: str, sent_at: datetime, reader: str) -> str:
    """The key: the same for texts that ask the same. `reader` names engine, model and prompt.

    Texts beyond `LONGEST` share one only where they go on in the same signs: folding so much with its map costs memory.
    """
    body = without_frame(text[:LONGEST_MESSAGE])
    folded = fold(body[:LONGEST], lines=True)
    words = " ".join(_TOKEN.findall(folded.text))
    now = sent_day(sent_at)
    mentions = find_dates(folded, now)
    days = [f"{mention.start}:{mention.end}" for mention in mentions]
    bare = list(folded.text)
    for mention in mentions:
        bare[mention.place.start : mention.place.end] = " " * (mention.place.end - mention.place.start)
    if _HANGS_ON_THE_DAY.search("".join(bare)):
        days.append(f"sent {now:%Y-%m-%d}")
    beyond = body[LONGEST:] + text[LONGEST_MESSAGE:]
    asked = "\n".join((reader, words, *days, *([beyond] if beyond else [])))
    return hashlib.blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def without_frame(text: str) -> str:
    """The text without forward marks before and after it, and without the group's own link at its end."""
    lines = [line for line in text.splitlines() if line.strip()]
    while len(lines) > 1 and _is_frame(lines[0]):
        del lines[0]
    while len(lines) > 1 and (_is_frame(lines[-1]) or _is_invitation(lines[-1])):
        del lines[-1]
    return "\n".join(lines)


def _is_frame(line: str) -> bool:
    folded = fold_text(line)
    return not any(char.isdigit() for char in folded) and (
        not re.search(r"[^\W_]", folded) or _AROUND.fullmatch(folded) is not None
    )


def _is_invitation(line: str) -> bool:
    folded = fold_text(line)
    if _GROUP_LINK.search(folded):
        rest = re.sub(r"(?:https?://)?chat\.whatsapp\.com/\S*", " ", folded)
        return not any(char.isdigit() for char in rest) and "@" not in rest and len(rest) < 80
    return len(folded) < 60 and bool(_JOIN.match(folded)) and not re.search(r"[\d@]|https?:", folded)
