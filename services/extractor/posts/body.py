"""A post without its dress: forward headers, greetings, farewells and the footers of groups say nothing of the call."""

from __future__ import annotations

import re

from shared.arabic.normalise import LONGEST_MESSAGE, fold_text

_FORWARD = (
    r"(?:تم )?(?:معاد|اعيد|اعاده) توجيه\w*(?: كثيرا| عده مرات)?|محول(?:ه)?(?: كثيرا| لكم)?|منقو+ل(?:ه)?"
    r"(?: للفايده| للامانه| لكم| من قروب \w+)?|رساله محوله|كما وصلتني|كما وصلني|وصلتني|وصلني|للتذكير|تذكير|"
    r"forwarded(?: many times| message)?|fwd|fw|reposted?|repost(?:ing)?|as received|reminder|"
    r"copied|مترجم من القروب الثاني|للفايده|نقلا عن \w+"
)
_HEADER = re.compile(rf"[\W_]*(?:(?:{_FORWARD})(?![^\W\d_])[\W_]*)+")
_GREETING = re.compile(
    r"[\W_]*(?:(?:السلام عليكم(?: ورحمه الله)?(?: وبركاته| و بركاته)?|سلام عليكم|مسا الخير|صباح الخير|"
    r"(?:هلا|اهلا|مرحبا)(?: والله| بالجميع| بكم)?|"
    r"يا (?:جماعه|شباب|حلوين|بنات|هلا)|hi(?: all| everyone| guys)?|hello(?: all| everyone)?|"
    r"good (?:morning|evening|afternoon)|dear all)(?![^\W\d_])[\W_]*)+"
)
_FAREWELL = re.compile(
    r"[\W_]*(?:(?:و)?(?:بالتوفيق|موفقين|الله (?:يوفق|ولي|الموفق)|وفقكم|شكرا|تحياتي|ودي|good luck|best of luck|thanks|"
    r"thank you|all the best)"
    r"(?: [^\W\d_]+){0,4}|(?:و)?(?:انشروها|انشر تؤجر|شاركوها|شاركها|شيروها|انشروا|منشنو+ا?|منشن|share)"
    r"(?: [^\W\d_]+){0,5})[\W_]*"
)
_INVITE = re.compile(r"chat\.whatsapp\.com|whatsapp\.com/channel|(?<![\w.])t\.me/|telegram\.me|youtube\.com/(?:@|c/)")
_ASKED = re.compile(r"confirm|تاكيد|للتسجيل|التسجيل|تسجيل|سجل|register|apply|التقديم|قدم|للتقديم")
_FOLLOW = re.compile(
    r"(?<![^\W\d_])(?:تابع(?:ونا|وا|نا|و|ني)?|انضم(?:وا|ام|و)?|للانضمام|الانضمام|اشترك(?:وا|و)?|join (?:our|the|us|my)|"
    r"follow (?:us|our|me|@)|subscribe|shared (?:by|via|from|in)|posted (?:by|via|in)|via @|"
    r"for more (?:casting|jobs|calls)|more (?:casting|jobs|calls|opportunities)|لمزيد من|للمزيد من|لمتابعه|تابعو)"
)
_CHANNEL = re.compile(
    r"^[\W_]*(?:(?:من|عن|via|from)\s)?(?:قناه|قروب|مجموعه|جروب|channel|group|(?:من )قناه)(?![^\W\d_])"
)
_GROUP_OF = re.compile(r"من قروب|من مجموعه|قروب \w+ للكاستنج|ذكر(?:وا)? (?:انك|انكم) من")
_RULE = re.compile(r"[\W_]*")


def body(text: str) -> str:
    """The raw text without such lines and line beginnings; the whole text where nothing else would be left.

    What is longer than a message can be is cut there.
    """
    text = text[:LONGEST_MESSAGE]
    lines = text.splitlines()
    kept = [found for at, line in enumerate(lines) if (found := _bare(line, lines[at - 1] if at else "")) is not None]
    bare = "\n".join(kept).strip()
    return bare or text


def _bare(line: str, before: str) -> str | None:
    """What is left of a line; None where nothing is."""
    folded = fold_text(line)
    if _RULE.fullmatch(folded) or _is_footer(folded, fold_text(before)):
        return None
    if _FAREWELL.fullmatch(folded) or _HEADER.fullmatch(folded) or _GREETING.fullmatch(folded):
        return None
    for pattern in (_HEADER, _GREETING):
        found = pattern.match(folded)
        if found and found.end():
            line = _after(line, folded[found.end() :])
            folded = fold_text(line)
    return line or None


def _is_footer(folded: str, before: str) -> bool:
    if _INVITE.search(folded):
        return not _ASKED.search(folded) and not _ASKED.search(before[-60:])
    return bool(_FOLLOW.search(folded) or _CHANNEL.search(folded) or _GROUP_OF.search(folded))


def _after(line: str, rest: str) -> str:
    """The end of the raw line that folds to `rest`, found word by word from behind, each looked at once."""
    words = line.split()
    at, left = len(words), len(rest) + 1  # a word takes its letters and one blank, the first one none
    while at:
        folded = fold_text(words[at - 1])
        left -= len(folded) + 1 if folded else 0
        if left < 0:
            break
        at -= 1
    return " ".join(words[at:])
