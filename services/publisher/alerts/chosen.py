"""Which channels and thresholds the settings choose; Misconfigured where they do not fit together. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from services.publisher.alerts.channels import (
    HooksChannel,
    LogChannel,
    MailChannel,
    SlackChannel,
    WhatsAppChannel,
    writer,
)
from services.publisher.alerts.facts import Thresholds
from services.publisher.alerts.rules import (
    BACKLOG,
    BUDGET_NEAR,
    ERROR_RATE,
    GATEWAY_LOST,
    MODEL_AWAY,
    NO_MESSAGES,
    RULES,
    SERVICE_GONE,
    SERVICE_UNREADY,
)
from services.publisher.alerts.teller import Channel
from services.publisher.settings import AlertSettings
from services.publisher.web.words import LANGUAGES
from shared.errors import Misconfigured
from shared.mail import Mailer, Server
from shared.storage.hooks import Hooks
from shared.webhooks.sender import Poster
from shared.whapi.port import Gateway

STATUS_PATH = "/admin/digital-twin-status"


def thresholds_of(settings: AlertSettings) -> Thresholds:
    """From where on something is wrong."""
    return Thresholds(
        silence=timedelta(hours=settings.silence_h),
        error_rate=settings.error_rate,
        error_window=timedelta(minutes=settings.error_window_min),
        gateway_lost=timedelta(minutes=settings.gateway_min),
        backlog=settings.backlog,
        backlog_age=timedelta(minutes=settings.backlog_min),
        budget_share=settings.budget_share,
        model_away=timedelta(minutes=settings.model_min),
        service_gone=timedelta(minutes=settings.service_min),
    )


def limits_of(thresholds: Thresholds) -> dict[str, dict[str, int]]:
    """Every rule with the numbers from where on it fires, for the page that lists them."""
    told: dict[str, dict[str, int]] = {rule: {} for rule in RULES}
    return told | {
        GATEWAY_LOST: {"minutes": _whole(thresholds.gateway_lost, timedelta(minutes=1))},
        NO_MESSAGES: {"hours": _whole(thresholds.silence, timedelta(hours=1))},
        ERROR_RATE: {
            "percent": round(100 * thresholds.error_rate),
            "minutes": _whole(thresholds.error_window, timedelta(minutes=1)),
        },
        BACKLOG: {
            "number": thresholds.backlog,
            "minutes": _whole(thresholds.backlog_age, timedelta(minutes=1)),
        },
        BUDGET_NEAR: {"percent": round(100 * thresholds.budget_share)},
        MODEL_AWAY: {"minutes": _whole(thresholds.model_away, timedelta(minutes=1))},
        SERVICE_GONE: {"minutes": _whole(thresholds.service_gone, timedelta(minutes=1))},
        SERVICE_UNREADY: {"minutes": _whole(thresholds.service_gone, timedelta(minutes=1))},
    }


def _whole(length: timedelta, unit: timedelta) -> int:
    return round(length / unit)


def mail_server_of(settings: AlertSettings) -> Server | None:
    """Where letters are handed in; None where none are wanted."""
    if not settings.mail_to:
        return None
    if not settings.smtp_host or not settings.mail_from:
        raise Misconfigured(
            "PUBLISHER_ALERT_MAIL_TO is set: PUBLISHER_ALERT_SMTP_HOST and PUBLISHER_ALERT_MAIL_FROM must be as well"
        )
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    return Server(settings.smtp_host, settings.smtp_port, settings.smtp_security, settings.smtp_user, password)


def channels_of(
    settings: AlertSettings,
    *,
    poster: Poster,
    mailer: Mailer | None,
    gateway: Gateway | None,
    hooks: Hooks,
    clock: Callable[[], datetime],
    public_url: str | None,
) -> list[Channel]:
    """The channels that the settings name, the log first."""
    languages = ("ar", "en") if settings.language == "both" else (settings.language,)
    write = writer(
        [language for language in languages if language in LANGUAGES],
        public_url.rstrip("/") + STATUS_PATH if public_url else None,
    )
    channels: list[Channel] = [LogChannel()]
    if settings.slack_url is not None:
        url = settings.slack_url.get_secret_value()
        if not url.startswith(("https://", "http://")):
            raise Misconfigured("PUBLISHER_ALERT_SLACK_URL: starts with https://")
        channels.append(SlackChannel(poster, url, write))
    if mailer is not None and settings.mail_to and settings.mail_from:
        recipients = [address.strip() for address in settings.mail_to.split(",") if address.strip()]
        channels.append(MailChannel(mailer, settings.mail_from, recipients, write))
    if gateway is not None and settings.whatsapp_to:
        channels.append(WhatsAppChannel(gateway, settings.whatsapp_to, write))
    return [*channels, HooksChannel(hooks, clock)]
