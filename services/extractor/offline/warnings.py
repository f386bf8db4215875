"""Signs that a reviewer must see, each with the words that show it: minors, injections, and the marks of a scam."""

from __future__ import annotations

import re

from services.extractor.offline.page import Page
from services.extractor.offline.people import CHILDREN, bare
from services.extractor.offline.roles import FoundRole
from shared.contracts.calls import Flag

_SCAMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "scam:fee",
            r"رسوم (?:فتح|التسجيل|تسجيل|اشتراك|ملف|اداريه|الملف|قبول|كرت|بطاقه|العضويه|عضويه)[^\n]{0,40}|"
            r"رسوم[^\n]{0,15}\d[^\n]{0,20}|(?:تحويل|حولي|سدد|سددي|ادفعي) [^\n]{0,25}(?:ريال|درهم|دينار|رسوم|"
            r"عربون)|(?:للتسجيل|للحجز) تحويل|"
            r"بقيمه \d[^\n]{0,20}قبل (?:الترشيح|المقابله|التسجيل|التصوير)|عربون|تسترد|مبلغ تامين|"
            r"(?:registration|admin|portfolio|processing|application|joining|booking) fee|"
            r"pay[^\n]{0,20}(?:upfront|in advance|before|to register|to apply)|refundable|deposit|transfer "
            r"[^\n]{0,15}(?:sar|\d)",
        ),
        (
            "scam:photos",
            r"(?:صور|صوره|صورك)[^\n]{0,25}(?:ملابس خفيفه|ملابس داخليه|بدون ملابس|بالمايوه|بكيني|لانجري|جرييه|"
            r"خاصه جدا|مكشوف)|ملابس (?:خفيفه|داخليه)|"
            r"(?:lingerie|underwear|nude|topless|bikini|revealing|private) (?:photos?|pics?|pictures?)|photos? "
            r"in (?:lingerie|underwear|bikini)",
        ),
        (
            "scam:id",
            r"(?:صوره|صور|ارسل|ارسلي|ارسال|نسخه)[^\n+,]{0,15}(?:الهويه|هويتك|هويه|الجواز|جوازك|الاقامه|بطاقه "
            r"البنك|البطاقه البنكيه|الايبان|كرت العايله)|"
            r"(?:copy|photo|picture|scan|pic) of (?:your )?(?:id|passport|iqama|national id|bank card)|(?:send|"
            r"share) (?:your )?(?:id|passport|iqama|bank details|iban)(?!\w)",
        ),
        (
            "scam:secrecy",
            r"ممنوع (?:اخبار|تخبر|تقول)[^\n]{0,30}|لا (?:تخبر|تعلم|تقول)(?:ي)? (?:احد|لاحد|اهلك)|do ?n[o']t "
            r"tell|keep (?:it|this) (?:a )?secret|بدون علم (?:اهلك|الاهل)"),
    )
)  # fmt: skip
_DENIED = re.compile(
    r"(?:لا (?:توجد|يوجد|نطلب|نطالب|ناخذ)|لن نطلب|بدون|بلا|ما (?:في|فيه|نطلب|ناخذ)|ولا|no|not|never|without|"
    r"n't|any|اي)(?: [^\W\d_]+){0,3} ?$"
)
_MINOR_WORDS = re.compile(
    r"(?<![^\W\d_])(?:القاصر|قاصر|القصر|ولي (?:ال)?امر\w*|minors?|guardian|chaperone)(?![^\W\d_])"
)


def find_flags(page: Page, roles: list[FoundRole]) -> tuple[Flag, ...]:
    """All flags, none twice."""
    flags = [Flag(name="injection", words=page.raw[start:end].strip()[:300]) for start, end in page.injections[:1]]
    minors = _minors(page, roles)
    if minors:
        flags.append(Flag(name="minors", words=minors))
    for name, pattern in _SCAMS:
        for match in pattern.finditer(page.text):
            if not _DENIED.search(page.text[max(0, match.start() - 30) : match.start()]):
                flags.append(Flag(name=name, words=page.words(*match.span())[:300]))
                break
    return tuple(flags)


def _minors(page: Page, roles: list[FoundRole]) -> str | None:
    """The words that show that someone under 18 may play."""
    for found in roles:
        role = found.role
        young = role.age_min is not None and role.age_min < 18
        child = role.age_min is None and any(
            bare(word) in CHILDREN - {"ولد", "girl", "boy", "girls", "boys"} for word in role.name.lower().split()
        )
        if young or child:
            return found.evidence.text[:300]
    match = _MINOR_WORDS.search(page.text)
    return page.words(*match.span()) if match else None
