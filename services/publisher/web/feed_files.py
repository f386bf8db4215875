"""The feed for programs that are not ours: an Atom feed, a calendar of deadlines, a map of the site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from services.publisher.web.telling import html, plain, summary
from services.publisher.web.words import LANGUAGES, Words
from shared.storage.calls import Call

ATOM: Final = "application/atom+xml; charset=utf-8"
CALENDAR: Final = "text/calendar; charset=utf-8"
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
_LINE = 75  # octets of a calendar's line
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})

Address = Callable[[str], str]
"""Where the page of a call is, by its id."""


def changed(call: Call) -> datetime:
    """When the public last saw something new of this call."""
    return call.changed_at or call.updated_at


def atom(words: Words, calls: Sequence[Call], *, self_url: str, page_url: str, address: Address) -> bytes:
    """The calls as an Atom feed, in the order given."""
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": words.language})
    _text(root, "id", page_url)
    _text(root, "title", f"{words('feed.title')} · {words('brand')}")
    _text(root, "subtitle", words("feed.lead"))
    _text(root, "updated", max(map(changed, calls), default=_BEGINNING).isoformat())
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": self_url})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": page_url})
    _text(SubElement(root, "author"), "name", words("brand"))
    for call in calls:
        _entry(SubElement(root, "entry"), words, call, address(call.id))
    return _document(root)


def _entry(entry: Element, words: Words, call: Call, url: str) -> None:
    fields = call.fields
    _text(entry, "id", url)
    _text(entry, "title", plain(fields.title))
    _text(entry, "published", call.message.sent_at.isoformat())
    _text(entry, "updated", changed(call).isoformat())
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": url})
    SubElement(entry, "category", {"term": str(fields.project_type), "label": words(f"type.{fields.project_type}")})
    _text(entry, "content", str(html(words, fields)), type="html")


def _document(root: Element) -> bytes:
    body: bytes = tostring(root, "utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text


def calendar(words: Words, calls: Iterable[Call], cancelled: Iterable[Call], *, address: Address) -> bytes:
    """The deadlines as whole days. A call keeps its event's id for ever; what was withdrawn is cancelled."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//TakeOne//Casting calls//EN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(words('feed.calendar.name'))}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]
    for call in calls:
        if call.fields.deadline:
            lines += _event(words, call, call.fields.deadline, "CONFIRMED", address(call.id))
    for call in cancelled:
        if call.fields.deadline:
            lines += _event(words, call, call.fields.deadline, "CANCELLED", address(call.id))
    return "".join(f"{_folded(line)}\r\n" for line in (*lines, "END:VCALENDAR")).encode()


def _event(words: Words, call: Call, day: date, status: str, url: str) -> list[str]:
    title = words("feed.calendar.deadline", title=plain(call.fields.title))
    description = summary(words, call.fields) if status == "CONFIRMED" else words("feed.gone.title")
    return [
        "BEGIN:VEVENT",
        f"UID:{call.id}@casting-calls.takeone",
        f"DTSTAMP:{changed(call).astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"LAST-MODIFIED:{changed(call).astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{call.revision}",
        f"DTSTART;VALUE=DATE:{_compact(day)}",
        # Without an end it lasts for the one day, as the last day that there is must.
        *([f"DTEND;VALUE=DATE:{_compact(day + timedelta(days=1))}"] if day < date.max else []),
        f"SUMMARY:{_escaped(title)}",
        f"DESCRIPTION:{_escaped(description)}",
        f"URL:{url}",
        f"STATUS:{status}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _compact(day: date) -> str:
    return day.isoformat().replace("-", "")  # strftime leaves the noughts of early years out


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets, never inside a letter."""
    left, pieces, room = line.encode(), [], _LINE
    while len(left) > room:
        end = room
        while left[end] & 0xC0 == 0x80:  # in the middle of a letter
            end -= 1
        pieces.append(left[:end])
        left, room = left[end:], _LINE - 1  # a blank begins each further piece
    return b"\r\n ".join([*pieces, left]).decode()


def sitemap(calls: Iterable[Call], *, page_url: str, address: Address) -> bytes:
    """Every open call with its languages and its last change."""
    names = {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9", "xmlns:xhtml": "http://www.w3.org/1999/xhtml"}
    root = Element("urlset", names)
    _place(root, page_url, None)
    for call in calls:
        _place(root, address(call.id), changed(call))
    return _document(root)


def _place(root: Element, url: str, at: datetime | None) -> None:
    place = SubElement(root, "url")
    _text(place, "loc", url)
    if at is not None:
        _text(place, "lastmod", at.isoformat())
    for language in LANGUAGES:
        SubElement(place, "xhtml:link", {"rel": "alternate", "hreflang": language, "href": f"{url}?lang={language}"})


def robots(base: str) -> bytes:
    """What search engines may read."""
    closed = "".join(f"Disallow: {path}\n" for path in ("/review", "/admin", "/messages", "/login", "/api/"))
    return f"User-agent: *\nAllow: /casting-calls\n{closed}Sitemap: {base}/sitemap.xml\n".encode()
