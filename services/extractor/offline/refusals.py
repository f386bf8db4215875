"""When a message is plainly no casting call. In doubt it is one: the filter in front is the judge."""

from __future__ import annotations

import re

from services.extractor.offline.page import Page

_CLOSED = re.compile(
    r"(?:تم (?:ال)?اكتفا|اكتفينا|تم اغلاق (?:باب )?(?:ال)?(?:تقديم|تسجيل|كاستنج)|اكتمل العدد|اكتملت (?:الادوار|"
    r"جميع الادوار)|تم اختيار|casting (?:is )?(?:now )?closed|roles? (?:have been|has been|is|are) filled|no "
    r"longer (?:casting|accepting))"
)
# "until the roles are filled" says that they are not.
_NOT_YET = re.compile(
    r"(?:till|until|unless|before|once|when|if|after|as soon as|حتي|الي ان|لين|لحد|لحين|اذا|لو|متي|حال|بمجرد|قبل)"
    r"(?: ما| ان| all| the| our| both)* $"
)
_OPEN = re.compile(
    r"(?:مطلوب|نحتاج|محتاج|نبحث|نبي|نبغي|ابغي|باقي|لا ?زلنا|لازلنا|ما ?زلنا|ناقص|يفتح|تمديد|looking for|need|"
    r"seeking|casting call|still|apply)"
)
_WORDS = re.compile(r"[^\W\d_]{2,}")


def refusal(page: Page, *, people: bool, project: bool, reachable: bool) -> str | None:
    """Why it is no call ("no_words", "closed", "nothing_sought"), or None where it may be one."""
    if len(_WORDS.findall(page.text)) < 3:
        return "no_words"
    if _says_closed(page.text) and not _OPEN.search(page.text):
        return "closed"
    if not people and not project and not reachable and not _OPEN.search(page.text):
        return "nothing_sought"
    return None


def _says_closed(text: str) -> bool:
    return any(
        not _NOT_YET.search(text[max(0, match.start() - 30) : match.start()]) for match in _CLOSED.finditer(text)
    )
