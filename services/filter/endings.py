"""Signs that a call is over: "we are full", said of a call in a reply or an edit. Such words are no call themselves."""

from __future__ import annotations

import re
from enum import IntEnum
from itertools import pairwise

from services.filter.arrival import Arrival, has_passed
from shared.arabic.normalise import LONGEST_MESSAGE, fold_text
from shared.contracts.ids import ending_id
from shared.contracts.pipeline import Ending, EndKind
from shared.storage.ledger import Entry, State

_LONGEST = 45  # words: a longer reply that says so is about something else as well
_LONGEST_ALONE = 30  # what quotes nothing is about something else sooner
_LONGEST_LINE = 14
_LONGEST_CHARS = 400
_ALONE = 4  # "closed" says so in a message of this many words; in a longer one it may be a road

_PLAIN = """
اكتفينا | اكتفيت | اكتفينا والحمدلله | تم الاكتفاء | جرى الاكتفاء | تم اكتفاء | صار اكتفاء | اكتمل العدد
العدد اكتمل | العدد مكتمل | اكتملت الأعداد | اكتمل عندنا العدد | تم اكتمال العدد | كمل العدد | العدد كمل
العدد كامل | اكتمل الطاقم | الطاقم اكتمل | الطاقم مكتمل | اكتمل الكاست | الكاست اكتمل | الكاست مكتمل
الكاست كامل | اكتملت الأدوار | الأدوار اكتملت | اكتمل الفريق | خلاص اكتمل | خلاص اكتملنا | اكتملنا | كملنا العدد
خلاص كملنا | وصلنا العدد | وصلنا للعدد | وصلنا عدد كافي | عندنا عدد كافي | صار عندنا عدد كافي | تم تغطية العدد
تم تغطية الاحتياج | قفلنا | سكرنا | قفل التقديم | قفل الكاستنج | اقفل التقديم | أغلق التقديم | اغلقنا التقديم
اغلق باب التقديم | انسكر التقديم | تم إغلاق التقديم | تم إغلاق باب التقديم | تم إغلاق الكاستنج | تم إغلاق الطلب
تم إقفال التقديم | تم قفل التقديم | انتهى التقديم | انتهى الكاستنج | خلص الكاستنج | الكاستنج خلص | الكاستنج مغلق
التقديم مغلق | التقديم انتهى | تم إغلاق استقبال
إغلاق الاستقبال | وقفنا استقبال | أوقفنا استقبال | توقف استقبال | ما عاد نستقبل | ماعاد نستقبل
لن نستقبل | لا نستقبل | ما عاد نحتاج | ماعاد نحتاج | ما نحتاج خلاص | لم نعد نحتاج | لم نعد بحاجة | لم يعد مطلوب
تم الاختيار | تم اختيار الممثل | تم اختيار الممثلين | تم اختيار الممثلة | تم اختيار المناسب | تم التسكين
لقينا المطلوب | لقينا الممثل | لقينا الممثلة | لقينا خلاص | خلاص لقينا | حصلنا المطلوب | تم العثور على المطلوب
we are full | we re full | were full now | fully cast | fully booked | all filled | now filled | is filled
been filled | are filled | role filled | roles filled | position filled | positions filled | spot filled
spots filled | slots filled | no longer needed | no longer required | no longer looking | no longer available
no longer casting | no longer accepting | not taking any more | no more submissions | no more applications
casting closed | casting is closed | casting is now closed | call is closed | call closed | applications closed
applications are closed | submissions closed | submissions are closed | now closed | we are closed
closing this one | closing submissions | cast is complete | cast complete | cast is full | casting complete
casting is complete | casting is done | we are done casting | we have enough | got enough | we found someone
we have found our | we found our | already cast | has been cast | have been cast | role is taken
roles are taken | spots are gone
"""
# Not "done": so says who has applied.
_SINGLE = "مكتمل اكتمل اكتملت مكتملة مغلق مقفل مقفول انتهى خلصنا سكر closed filled full"
_WORD = re.compile(r"[^\W_]+")
_PIECE = re.compile(r"[\n!.،,;؛]+")
_DENIAL = frozenset(
    fold_text(
        "ما لم ما لسا لسه لسى للحين مو مش ليس غير بعد هل اذا لو لين حتى قبل عند بمجرد حال الين ان اول سيتم راح"
        " not isn haven hasn aren never if once until till when before unless yet after will"
    ).split()
)
_PART = frozenset(
    fold_text(
        "من باقي باقيلنا بقي ناقصنا محتاجين نحتاج مطلوب فقط بس ماعدا عدا الا الرجال للرجال النساء للنساء البنات للبنات"
        " دور لدور بدور بخصوص الشباب"
        " للشباب الاطفال للاطفال رجال نساء بنات شباب اطفال still only except but men women girls boys kids"
        " males females remaining"
    ).split()
)


class Said(IntEnum):
    """How much is said to be over."""

    NOTHING = 0
    PART = 1
    WHOLE = 2


def ending_of(arrival: Arrival, entry: Entry, original: Entry | None, folded: str) -> Ending | None:
    """The sign that this message gives, if it gives one.

    `original` is the entry of the message that was edited, `folded` the folded text.
    """
    message, edit_id = arrival.message, arrival.edit_id
    if entry.state is State.TOO_OLD:
        return None
    about = message.message_id if edit_id else message.quoted.message_id if message.quoted else None
    longest = _LONGEST if message.quoted else _LONGEST_ALONE
    said, kind = Said.NOTHING, EndKind.FILLED
    if edit_id is None:
        said = Said.NOTHING if has_passed(entry) else says_over(folded, longest)
    elif original is not None:
        said = added(original.text, message.text)
        if not said and not has_passed(entry) and original.state in (State.CANDIDATE, State.CALL):
            said, kind = Said.WHOLE, EndKind.REWORDED
    if not said:
        return None
    wholly = said is Said.WHOLE
    return Ending(event_id=ending_id(entry.id), kind=kind, message=message, about=about, edit_id=edit_id, wholly=wholly)


def says_over(folded: str, longest: int = _LONGEST_ALONE) -> Said:
    """What a message of at most so many words says to be over. A question, a denial and a condition say nothing."""
    return _over(folded, longest)


def added(before: str, after: str) -> Said:
    """What a line that an edit has added says to be over."""
    old, new = before[:LONGEST_MESSAGE], after[:LONGEST_MESSAGE]
    known = {fold_text(line).strip() for line in old.splitlines()}
    fresh = (line for line in (fold_text(line).strip() for line in new.splitlines()) if line not in known)
    return max((_over(line, _LONGEST_LINE) for line in fresh), default=Said.NOTHING)


def _over(folded: str, longest: int) -> Said:
    if len(folded) > _LONGEST_CHARS:  # most messages: nothing is read
        return Said.NOTHING
    words = _WORD.findall(folded)
    if len(words) > longest or _FIRST.isdisjoint(words) or "?" in folded or "؟" in folded:
        return Said.NOTHING
    if not any(_says(_WORD.findall(piece), len(words)) for piece in _PIECE.split(folded)):
        return Said.NOTHING
    spoken_to = {after for before, after in pairwise(words) if before == "يا"}  # "done, girls" is not about the girls
    return Said.PART if _PART.intersection(words) - spoken_to else Said.WHOLE


def _says(words: list[str], in_all: int) -> bool:
    for at in range(len(words)):
        if _DENIAL.intersection(words[max(0, at - 2) : at]):
            continue
        if in_all <= _ALONE and words[at] in _SINGLES:
            return True
        if any(tuple(words[at : at + len(phrase)]) == phrase for phrase in _STARTING.get(words[at], ())):
            return True
    return False


def _starting() -> dict[str, list[tuple[str, ...]]]:
    """The phrases by their first word, as folding leaves them, also with "and" before an Arabic one."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in re.split(r"[|\n]", _PLAIN):
        words = tuple(_WORD.findall(fold_text(phrase)))
        if not words:
            continue
        forms = [words] if words[0].isascii() else [words, ("و" + words[0], *words[1:])]
        for form in forms:
            found.setdefault(form[0], []).append(form)
    return found


_SINGLES = frozenset(fold_text(_SINGLE).split())
_STARTING = _starting()
_FIRST = _SINGLES | set(_STARTING)
