"""Whether a message holds a contact: the same number however it is written, the same address, whole and exact."""

from __future__ import annotations

import re
import unicodedata

from pydantic import ValidationError

from services.extractor.support.words import WHATSAPP_LINK, Words
from shared.arabic.normalise import fold_text
from shared.arabic.phones import to_e164
from shared.contracts.calls import Contact, ContactKind, Evidence, Support

_INSTAGRAM_LINK = re.compile(r"^(?:https?://)?(?:www\.)?instagram\.com/", re.IGNORECASE)
_LINK_START = re.compile(r"^https?://(?:www\.)?|^www\.", re.IGNORECASE)
_INSTAGRAM_WORD = re.compile(
    r"(?<![^\W\d_])(?:ال|ب|بال|ع|عال|و|لل)*(?:instagram|insta|ig|انستا|انستقرام|انستغرام|انستجرام|انستكرام|انستقرامنا|"
    r"الحساب|حساب|حسابنا|account)(?![^\W\d_])"
)
_MAIL = re.compile(r"[^\s@/:]+@[^\s@/:]+")
_NUMBERS = (ContactKind.PHONE, ContactKind.WHATSAPP)


def contact(kind: ContactKind, value: str, country: str | None) -> Contact | None:
    """The contact as the contract writes it, or None where that can't be done."""
    plain = unicodedata.normalize("NFKC", value.strip())
    if kind in _NUMBERS:
        link = WHATSAPP_LINK.search(plain)
        plain = to_e164(f"+{link[1]}" if link else fold_text(plain), country) or plain
    elif kind is ContactKind.LINK and _MAIL.fullmatch(plain):
        kind = ContactKind.EMAIL
    elif kind is ContactKind.LINK and "://" not in plain:
        plain = f"https://{plain}"
    elif kind is ContactKind.INSTAGRAM:
        plain = _INSTAGRAM_LINK.sub("", plain).split("?")[0].strip("@/ ")
    try:
        return Contact(kind=kind, value=plain)
    except ValidationError:
        return None


def held(words: Words, found: Contact) -> tuple[Contact, Evidence] | None:
    """The contact as the message writes it, and where; None where it does not stand there.

    A link keeps the message's own capitals: a link with others leads elsewhere.
    """
    if found.kind in _NUMBERS:
        place = words.phones.get(found.value)
        return (found, _evidence(words, found.value, *place)) if place else None
    for address in words.page.addresses:
        is_page = not address.words.startswith("@") and not _MAIL.fullmatch(address.words)
        if found.kind is ContactKind.LINK and not is_page:
            continue  # a name on Instagram and an e-mail are no address of a page
        if _bare(address.words) == _bare(found.value):
            own = _own(found, address.words)
            return own, _evidence(words, address.words, address.start, address.end)
    return _instagram_name(words, found) if found.kind is ContactKind.INSTAGRAM else None


def _own(found: Contact, there: str) -> Contact:
    if found.kind is not ContactKind.LINK:
        return found
    return contact(ContactKind.LINK, unicodedata.normalize("NFKC", there), None) or found


def _instagram_name(words: Words, found: Contact) -> tuple[Contact, Evidence] | None:
    """In "insta: name" no form tells an address: its letters must stand alone, and as a name rather than a word."""
    name = re.escape(found.value)
    for match in re.finditer(rf"(?<![\w.@]){name}(?![\w@]|\.\w)", words.shown, re.IGNORECASE):
        if any(address.start <= match.start() < address.end for address in words.page.addresses):
            continue  # a piece of a link or an e-mail
        start = words.shown.rfind("\n", 0, words.shown.rfind("\n", 0, match.start())) + 1
        end = words.shown.find("\n", match.end())
        around = fold_text(words.shown[start : end if end >= 0 else None])
        if re.search(r"[._\d]", found.value) or _INSTAGRAM_WORD.search(around):
            return found, _evidence(words, found.value, *match.span())
    return None


def _evidence(words: Words, value: str, start: int, end: int) -> Evidence:
    there = words.page.raw[start:end]
    return words.page.evidence_at(start, end, Support.VERBATIM if value in there else Support.NORMALISED)


def _bare(address: str) -> str:
    """An address without what may be written or left out: the scheme, www, an @ before a name, a slash at the end."""
    address = unicodedata.normalize("NFKC", address)
    plain = _INSTAGRAM_LINK.sub("", address)
    plain = plain.split("?")[0] if plain != address else _LINK_START.sub("", plain)
    return plain.removeprefix("@").rstrip("/").casefold()
