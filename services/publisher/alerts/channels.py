"""The channels: the log, a Slack-compatible webhook, e-mail, WhatsApp, and our own webhooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, Final

import orjson
import structlog

from services.publisher.alerts.letter import Letter, letter_of
from services.publisher.alerts.teller import LOG
from services.publisher.hooks import deliveries_for
from services.publisher.web.alert_words import text_of
from services.publisher.web.words import LANGUAGES, Words
from shared.errors import Misconfigured, RateLimited, Unavailable
from shared.mail import Mailer
from shared.storage.alerts import Alert
from shared.storage.hooks import Hooks, Topic
from shared.webhooks.sender import Answer, Poster
from shared.whapi.port import Gateway

log = structlog.get_logger(__name__)

Write = Callable[[Sequence[Alert]], Letter]
"""The alerts in words, in the languages that the settings name."""


def writer(languages: Sequence[str], status_url: str | None) -> Write:
    """Writes letters in these languages, with the address of the status page at their end."""
    return lambda alerts: letter_of(alerts, [Words(language) for language in languages], status_url)


class LogChannel:
    """One record an alert: `alerts.firing` or `alerts.resolved`, with identifiers and numbers only."""

    name: Final = LOG

    async def send(self, alerts: Sequence[Alert]) -> None:
        """As the port says."""
        for alert in alerts:
            values = {name: value for name, value in alert.values.items() if name not in ("name", "advice")}
            say, event = (log.error, "alerts.firing") if alert.firing else (log.info, "alerts.resolved")
            say(event, rule=alert.rule, key=alert.key, since=alert.since.isoformat(), values=values)


class SlackChannel:
    """A webhook that takes `{"text": …}`: Slack, Mattermost, Rocket.Chat, Discord with /slack, Google Chat."""

    name: Final = "slack"

    def __init__(self, poster: Poster, url: str, write: Write) -> None:
        self._poster = poster
        self._url = url
        self._write = write

    async def send(self, alerts: Sequence[Alert]) -> None:
        """As the port says. Slack's own signs are escaped: a group's name must not call everybody."""
        text = self._write(alerts).text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        body = orjson.dumps({"text": text})
        _require_taken("the webhook", await self._poster.post(self._url, {"content-type": "application/json"}, body))


class MailChannel:
    """A letter by SMTP. Its Message-ID is the same with each try, so that a repeat can be told from news."""

    name: Final = "mail"

    def __init__(self, mailer: Mailer, sender: str, recipients: Sequence[str], write: Write) -> None:
        self._mailer = mailer
        self._sender = sender
        self._recipients = recipients
        self._write = write

    async def send(self, alerts: Sequence[Alert]) -> None:
        """As the port says."""
        written = self._write(alerts)
        letter = EmailMessage()
        letter["Subject"], letter["From"], letter["To"] = written.subject, self._sender, ", ".join(self._recipients)
        last = max(alert.resolved_at or alert.fired_at for alert in alerts)
        letter["Date"] = format_datetime(last)
        names = "|".join(alert.note_id for alert in alerts)
        domain = self._sender.rpartition("@")[2].strip(" >") or "localhost"
        letter["Message-ID"] = f"<{sha256(names.encode()).hexdigest()[:32]}@{domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(written.text)
        await self._mailer.send(letter)


class WhatsAppChannel:
    """A text to the admin through the gateway. Where WhatsApp itself is lost, this fails and the others tell."""

    name: Final = "whatsapp"

    def __init__(self, gateway: Gateway, to: str, write: Write) -> None:
        self._gateway = gateway
        self._to = to
        self._write = write

    async def send(self, alerts: Sequence[Alert]) -> None:
        """As the port says."""
        await self._gateway.send_text(self._to, self._write(alerts).text)


class HooksChannel:
    """Our subscribers that ask for alerts: each is owed a signed delivery, which `hooks.py` sends and repeats."""

    name: Final = "hooks"

    def __init__(self, hooks: Hooks, clock: Callable[[], datetime]) -> None:
        self._hooks = hooks
        self._clock = clock

    async def send(self, alerts: Sequence[Alert]) -> None:
        """As the port says."""
        subscribers, now = await self._hooks.all(), self._clock()
        owed = [
            delivery
            for alert in alerts
            for delivery in deliveries_for(
                subscribers,
                Topic.ALERTS,
                event_id=alert.note_id,
                type="alert.firing" if alert.firing else "alert.resolved",
                at=alert.resolved_at or alert.fired_at,
                data=_data(alert),
                now=now,
            )
        ]
        await self._hooks.enqueue(owed)


def _data(alert: Alert) -> Mapping[str, Any]:
    texts = {language: text_of(Words(language), alert) for language in LANGUAGES}
    return {
        "key": alert.key,
        "rule": alert.rule,
        "since": alert.since.isoformat(),
        "fired_at": alert.fired_at.isoformat(),
        "resolved_at": alert.resolved_at.isoformat() if alert.resolved_at else None,
        "values": dict(alert.values),
        "text": {language: {"title": text.title, "what": text.what} for language, text in texts.items()},
    }


def _require_taken(what: str, answer: Answer) -> None:
    if answer.status is None:
        raise Unavailable(f"{what} does not answer: {answer.detail}")
    if answer.status == 429:
        raise RateLimited(f"{what} asks for a pause", retry_after=answer.retry_after)
    if answer.status >= 500:
        raise Unavailable(f"{what} answers {answer.status}", retry_after=answer.retry_after)
    if not 200 <= answer.status < 300:
        raise Misconfigured(f"{what} answers {answer.status}: {answer.detail or 'check its address'}")
