"""Contacts: phones in E.164 (WhatsApp only where it is said), e-mails, links, Instagram names."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from services.extractor.offline.page import Address, Page
from shared.arabic.normalise import fold_text
from shared.arabic.phones import Phone, to_e164
from shared.contracts.calls import Contact, ContactKind, Evidence, Support

_WHATSAPP = re.compile(
    r"(?<![^\W\d_])(?:و|ب|ع|عال|لل|ال|بال|وال)*(?:واتس(?:\s?اب|\s?آب|اب)?|وتس(?:اب)?|واتز(?:اب)?|whats\s?app|"
    r"whatsap|whts\s?app|wtsapp|watsapp|wa|w/a)(?![^\W\d_])"
)
_NOT_BEFORE = re.compile(r"(?<!\w)(?:لا|بدون|مو|مب|ليس|no|not|عدم|غير) (?:\w+ ){0,2}$")
_CALL = re.compile(r"(?<!\w)(?:اتصال|للاتصال|الاتصال|جوال|هاتف|call|tel|phone|mobile|mob)(?!\w)")
_OTHER_APPS = re.compile(
    r"سناب|snap|تيك\s?توك|tik\s?tok|تويتر|twitter|تليجرام|تلجرام|تيليجرام|telegram|يوتيوب|youtube|(?<!\w)x\s?[:\-]"
)
_OWN_NAME = re.compile(
    r"(?<![A-Za-z])(?:instagram|insta|ig|انستا|انستقرام|انستغرام|إنستقرام|إنستغرام|"
    r"انستجرام)\s{0,2}[:：\-–]\s{0,2}(?P<name>[A-Za-z0-9_][A-Za-z0-9._]{2,29})"
    r"|(?<![A-Za-z])(?:instagram|insta|انستا|انستقرام|انستغرام|"
    r"انستجرام)\s{1,2}(?P<marked>[A-Za-z0-9]{1,20}[._][A-Za-z0-9._]{1,20})",
    re.IGNORECASE,
)
_NO_CONTACT = re.compile(
    r"^(?:https?://)?(?:www\.|m\.)?(?:maps\.|goo\.gl/maps|google\.[a-z.]+/maps|youtube\.com|youtu\.be)", re.IGNORECASE
)
_WA_LINK = re.compile(
    r"^(?:https?://)?(?:www\.)?(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=)\+?(?P<digits>\d{8,15})", re.IGNORECASE
)
_INSTAGRAM_LINK = re.compile(
    r"^(?:https?://)?(?:www\.)?instagram\.com/(?P<name>[A-Za-z0-9._]{1,30})/?(?:\?.*)?$", re.IGNORECASE
)
_GROUP_INVITE = re.compile(r"^(?:https?://)?chat\.whatsapp\.com/", re.IGNORECASE)
# What is there to be looked at, or not to be called: no contact where there is another one.
_NOT_TO_APPLY = re.compile(
    r"(?:(?<![^\W\d_])(?:references?|ref|mood(?:\s?board)?|our\s(?:previous\s|past\s|latest\s)?work|previous\swork|watch|trailer|teaser|"
    r"inspired\sby|مرجع|المرجع|ريفرنس|رفرنس|اعمالنا(?:\sالسابقه)?|شاهد(?:وا|و)?|التريلر|تريلر|البرومو|برومو|تابعو?نا|تابعوا|follow(?:\sus)?|"
    r"قناتنا)(?![^\W\d_])[^\n\d.,;]{0,16}"
    r"|(?<!\w)(?:لا|do\snot|don't)\s(?:[^\W\d_]+\s){1,2}(?:علي|to|on|via)\s)[\s:(-]*$"
)
_REACH = 60


@dataclass(frozen=True, slots=True)
class FoundContact:
    """A contact with the words that hold it."""

    contact: Contact
    evidence: Evidence


def find_contacts(page: Page, phones: list[Phone]) -> list[FoundContact]:
    """All contacts in the order of the text, none twice; a number called and WhatsApped is WhatsApp."""
    found = [*_from_addresses(page), *_from_names(page), *_from_phones(page, phones)]
    found = [one for one in found if not _is_to_be_seen(page, one)] or found
    found.sort(key=lambda one: one.evidence.start)
    on_whatsapp = {one.contact.value for one in found if one.contact.kind is ContactKind.WHATSAPP}
    kept: dict[tuple[ContactKind, str], FoundContact] = {}
    for one in found:
        if one.contact.kind is ContactKind.PHONE and one.contact.value in on_whatsapp:
            continue
        kept.setdefault((one.contact.kind, one.contact.value), one)
    return list(kept.values())[:30]


def _is_to_be_seen(page: Page, one: FoundContact) -> bool:
    """Whether its line says that it is for looking at, or for following, or not for calling."""
    line = page.raw[page.raw.rfind("\n", 0, one.evidence.start) + 1 : one.evidence.start][-50:]
    return bool(_NOT_TO_APPLY.search(fold_text(line) + " "))


def _made(
    page: Page, kind: ContactKind, value: str, start: int, end: int, rule: str | None = None
) -> FoundContact | None:
    """A contact, or None where the contract refuses its shape. Verbatim where the value itself stands there."""
    try:
        contact = Contact(kind=kind, value=value)
    except ValueError:
        return None
    support = Support.VERBATIM if value in page.raw[start:end] else Support.DERIVED if rule else Support.NORMALISED
    return FoundContact(contact, page.evidence_at(start, end, support, rule if support is Support.DERIVED else None))


def _from_addresses(page: Page) -> list[FoundContact]:
    made = (_from_address(page, address) for address in page.addresses)
    return [one for one in made if one]


def _from_address(page: Page, address: Address) -> FoundContact | None:
    words, start, end = address.words, address.start, address.end
    if words.startswith("@"):
        return _from_handle(page, address)
    whatsapp = _WA_LINK.match(words)
    if whatsapp:
        number = to_e164("+" + whatsapp["digits"])
        return _made(page, ContactKind.WHATSAPP, number, start, end, "whatsapp_link") if number else None
    if "@" in words and "/" not in words.split("@")[0]:
        return _made(page, ContactKind.EMAIL, words.lower() if words.isupper() else words, start, end)
    if _NO_CONTACT.match(words) or (_GROUP_INVITE.match(words) and _is_footer(page, address)):
        return None
    instagram = _INSTAGRAM_LINK.match(words)
    if instagram and instagram["name"].lower() not in ("p", "reel", "reels", "explore", "stories"):
        return _made(page, ContactKind.INSTAGRAM, instagram["name"], start, end)
    link = words if words.lower().startswith(("http://", "https://")) else f"https://{words}"
    return _made(page, ContactKind.LINK, link, start, end, "scheme_added")


def _is_footer(page: Page, address: Address) -> bool:
    """A group's own invitation under a forwarded call is no way to apply."""
    ends = [one.end for one in page.addresses if one.end <= address.start]
    before = page.raw[max(0, address.start - 80, *ends) : address.start].lower()
    return not any(word in before for word in ("confirm", "تأكيد", "للتسجيل", "سجل", "register", "apply", "التقديم"))


def _from_handle(page: Page, address: Address) -> FoundContact | None:
    name = address.words[1:]
    if name.isdigit() or len(name) < 3:
        return None
    line = page.raw[page.raw.rfind("\n", 0, address.start) + 1 : address.start].lower()[-25:]
    if _OTHER_APPS.search(line):
        return None
    return _made(page, ContactKind.INSTAGRAM, name, address.start, address.end)


def _from_names(page: Page) -> list[FoundContact]:
    """Instagram names without an @: "insta: name", "انستقرام my.name"."""
    found = []
    for match in _OWN_NAME.finditer(page.visible):
        group = "name" if match["name"] else "marked"
        name = match[group].rstrip("._")
        if len(name) >= 3:
            made = _made(page, ContactKind.INSTAGRAM, name, match.start(group), match.start(group) + len(name))
            if made and not any(address.start <= match.start(group) < address.end for address in page.addresses):
                found.append(made)
    return found


def _from_phones(page: Page, phones: list[Phone]) -> list[FoundContact]:
    spoken = _on_whatsapp(page, phones)
    found = []
    for at, phone in enumerate(phones):
        kind = ContactKind.WHATSAPP if phone.link or at in spoken else ContactKind.PHONE
        digits = re.sub(r"\D", "", page.text[phone.place.start : phone.place.end])
        rule = None if digits.removeprefix("00") == phone.e164[1:] else "country_code"
        made = _made(page, kind, phone.e164, phone.place.raw_start, phone.place.raw_end, rule)
        if made:
            found.append(made)
    return found


def _on_whatsapp(page: Page, phones: list[Phone]) -> set[int]:
    """Which of the numbers are said to be on WhatsApp: each mention speaks for the nearest number, and for those that
    follow it in the same list.
    """
    chosen: set[int] = set()
    starts = [phone.place.start for phone in phones]
    for mention in _WHATSAPP.finditer(page.text):
        if _NOT_BEFORE.search(page.text[max(0, mention.start() - 20) : mention.start()]):
            continue
        after = bisect_left(starts, mention.start())
        nearest = min(
            (
                at
                for at in range(max(0, after - 2), min(len(phones), after + 2))
                if _distance(page, mention, phones[at]) is not None
            ),
            key=lambda at: _distance(page, mention, phones[at]) or 0,
            default=None,
        )
        if nearest is not None:
            chosen.add(nearest)
            chosen.update(_listed_after(page, phones, nearest))
    return chosen


def _distance(page: Page, mention: re.Match[str], phone: Phone) -> int | None:
    """How far a WhatsApp word is from a number, or None where it does not speak for it."""
    if mention.end() <= phone.place.start:
        between = page.text[mention.end() : phone.place.start]
        side = 0
    else:
        between = page.text[phone.place.end : mention.start()]
        side = 2
    lines = between.count("\n")
    if len(between) > _REACH or lines > 1 or (lines and (side or len(between) > 30)) or _CALL.search(between):
        return None
    return len(between) + side + 20 * lines


def _listed_after(page: Page, phones: list[Phone], first: int) -> list[int]:
    """The numbers that follow with nothing but a separator between."""
    listed = []
    for at in range(first + 1, len(phones)):
        between = page.text[phones[at - 1].place.end : phones[at].place.start]
        if not re.fullmatch(r"\s?(?:[/,\n|-]|او|or|و|and|&)?\s?", between):
            break
        listed.append(at)
    return listed
