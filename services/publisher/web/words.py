"""The interface's words in both languages, and how dates and numbers are written in each."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import Request

LANGUAGES: Final = ("en", "ar")
RIYADH: Final = timezone(timedelta(hours=3))  # the whole year
_FOLDER = Path(__file__).parent / "words"
COOKIE: Final = "lang"


@cache
def table(language: str) -> dict[str, str]:
    """All words of one language, by key."""
    words: dict[str, str] = json.loads((_FOLDER / f"{language}.json").read_text("utf-8"))
    return words


class Words:
    """The words of one language. `words("key", n=3)` fills the braces; an unknown key comes back as itself."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.direction = "rtl" if language == "ar" else "ltr"
        self._table = table(language)

    def __call__(self, key: str, **values: object) -> str:
        """The text of this key."""
        text = self._table.get(key, key)
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._table

    def count(self, key: str, number: int) -> str:
        """A number with its noun: `key.one` (1), `key.two` (2), `key.few` (3 to 10) or `key.many`."""
        form = "one" if number == 1 else "two" if number == 2 else "few" if 3 <= number % 100 <= 10 else "many"
        for name in (f"{key}.{form}", f"{key}.many"):
            if name in self._table:
                return self._table[name].format(n=f"{number:,}")
        return f"{number:,}"

    def day(self, value: date | None) -> str:
        """A date, with the month's name."""
        if value is None:
            return ""
        return f"{value.day} {self._table[f'month.{value.month}']} {value.year}"

    def moment(self, value: datetime | None) -> str:
        """A date and time, in Saudi Arabia."""
        if value is None:
            return ""
        return f"{self.day_of(value)}{self('list.comma')}{value.astimezone(RIYADH):%H:%M}"

    def day_of(self, value: datetime) -> str:
        """The date of a time, in Saudi Arabia."""
        return self.day(value.astimezone(RIYADH).date())

    def ago(self, value: datetime, now: datetime) -> str:
        """How long ago that was, roughly."""
        seconds = max(0.0, (now - value).total_seconds())
        for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
            if seconds >= length:
                return self.count(f"ago.{unit}", int(seconds // length))
        return self("ago.now")


def language_of(request: Request) -> str:
    """The language to answer in: asked for in the address, chosen before, or the browser's first one that we have."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    for part in request.headers.get("accept-language", "").lower().split(","):
        if part.strip()[:2] in LANGUAGES:
            return part.strip()[:2]
    return "en"
