"""Words by which a poster says that something has changed, and what he takes back with them."""

from __future__ import annotations

import re

from services.extractor.offline.gazetteer import CITIES
from shared.arabic.normalise import fold_text

_START, _END = r"(?<![^\W\d_])(?:", r")(?![^\W\d_])"
_SAID = (
    r"تحديث|تعديل|معدل|تصحيح|تصويب|تمديد|تم التمديد|تغيير|استبدال|استدراك|مددنا|صححنا|عدلنا|غيرنا|وسعنا|"
    r"ت?تاجل\w*|تاجيل|اجلنا|تقدم الموعد|قدمنا الموعد|(?:كان|فيه|في) خطا|بالخطا|الصحيح|الرقم الجديد|الموعد الجديد|"
    r"تمت? اضاف\w+|اضفنا|انتقل\w*|سابقا|اكتفينا|تم الاكتفا|تجاهلوا|"
    r"(?:الرابط|الرقم|الايميل|البريد|الموعد|المكان|العنوان|السعر|التاريخ) (?:القديم|السابق|الاول|الصحيح|الجديد)|"
    r"updated?|extended|extension|correction|corrected|rescheduled|postponed|pushed (?:back|to)|brought forward|"
    r"moved to|new (?:date|number|deadline|time|location|venue)|changed (?:to|from)|has changed|revised|amended|typo|"
    r"was wrong|wrong (?:number|date|email|link)|(?:old|correct) (?:number|date|email|link)|link (?:is )?broken|"
    r"ignore (?:the|my) (?:previous|last|old)|has been (?:cast|filled)|(?:is|are) (?:now )?(?:cast|filled)|"
    r"opening (?:it|this|the role) up|now open to|we(?:'ve| have) added|widened the"
)
_HINTED = (
    r"تمدد|تاخر|تغير\w*|تعدل|بدلا? من|بدل|صار|صارت|اصبح|غلط|خطا|لقينا|زدنا|زودنا|رفعنا|خفضنا|فتحنا|"
    r"update|instead of|not \d|moved|raised|increased|widened|filled|no longer"
)
_SAYS = re.compile(_START + _SAID + _END)
_HINTS = re.compile(_START + _SAID + "|" + _HINTED + _END)
_NOT = re.compile(r"(?<![^\W\d_])(?:و?ليس|و?مو|و?مش|و?مهو|بدلا? من|بدل|not|instead of|rather than)\s+(?:في |on |in )?")
_ENOUGH = re.compile(r"(?<![^\W\d_])(?:اكتفينا من|تم الاكتفا من|اكتمل عدد|خلصنا|سكرنا|enough|full on)\s+")
_NUMBER = re.compile(r"\d[\d/.,:-]*")
_WORD = re.compile(r"[^\W\d_]+")


def announces(folded: str) -> bool:
    """Whether the text says outright that it changes an earlier one."""
    return bool(_SAYS.search(folded))


def hints(folded: str) -> bool:
    """Whether it has a word of change, which may speak of something else."""
    return bool(_HINTS.search(folded))


def withdrawn(folded: str) -> list[tuple[int, int]]:
    """Where the text names what no longer holds: a number or a city behind "not", people of whom there are enough."""
    found = []
    for match in _NOT.finditer(folded):
        number = _NUMBER.match(folded, match.end())
        word = _WORD.match(folded, match.end())
        if number:
            found.append(number.span())
        elif word and (fold_text(word[0]) in CITIES or "ال" + fold_text(word[0]) in CITIES):
            found.append(word.span())
    found += [word.span() for match in _ENOUGH.finditer(folded) if (word := _WORD.match(folded, match.end()))]
    return found
