"""What a channel sends: alerts as one plain text, in one language or both. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.publisher.web.alert_words import text_of
from services.publisher.web.words import Words
from shared.storage.alerts import Alert

_MOST: Final = 10  # alerts told in full; the others stand on the status page
_LONGEST_SUBJECT: Final = 120


@dataclass(frozen=True, slots=True)
class Letter:
    """A line that says what it is about, and the whole text."""

    subject: str
    text: str


def letter_of(alerts: Sequence[Alert], languages: Sequence[Words], status_url: str | None = None) -> Letter:
    """The alerts as they stand, what fires first; one language after the other."""
    ordered = sorted(alerts, key=lambda alert: not alert.firing)
    parts = ["\n\n".join(_part(ordered, words)) for words in languages]
    text = "\n\n———\n\n".join(parts)
    if status_url:
        text += f"\n\n{status_url}"
    return Letter(_subject(ordered, languages[0]), text)


def _part(alerts: Sequence[Alert], words: Words) -> list[str]:
    paragraphs = []
    for alert in alerts[:_MOST]:
        told = text_of(words, alert)
        lines = [f"{_sign(alert)} {_state(words, alert)}: {told.title}", told.what, told.when]
        if told.look:
            lines += [f"{words('alerts.look')}: {told.look}", f"{words('alerts.type')}: {told.type}"]
        paragraphs.append("\n".join(lines))
    if len(alerts) > _MOST:
        paragraphs.append(words("alerts.more", n=len(alerts) - _MOST))
    return paragraphs


def _subject(alerts: Sequence[Alert], words: Words) -> str:
    first = alerts[0]
    more = f" (+{len(alerts) - 1})" if len(alerts) > 1 else ""
    subject = f"{words('brand')} · {_state(words, first)}: {text_of(words, first).title}"
    return " ".join(subject.split())[:_LONGEST_SUBJECT] + more


def _state(words: Words, alert: Alert) -> str:
    return words("alerts.firing") if alert.firing else words("alerts.resolved")


def _sign(alert: Alert) -> str:
    return "🔴" if alert.firing else "🟢"
