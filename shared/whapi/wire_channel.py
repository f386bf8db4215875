"""The gateway's other objects: groups, the channel's health, its limits, errors, and the registration of a webhook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shared.errors import Misconfigured
from shared.whapi.values import group_id, identifier, instant, items, label, mapping, truth, whole

EVENTS: Final = (("messages", "post"), ("messages", "patch"), ("messages", "delete"))
"""What our webhook subscribes to, as (type, method). The documented default is a deprecated name: always say it."""

_MOST_HEADERS = 5

_ADVICE: Final = {
    "AUTH": "",
    "QR": "the WhatsApp session is not linked: open the channel in the Whapi panel and scan the QR code with the phone",
    "STOP": "the channel is stopped: its trial or subscription ended, or it was disabled; renew it in the Whapi panel",
    "SYNC_ERROR": "messages cannot be read until the phone is logged out and linked again (scan the QR code)",
    "ERROR": "the channel reports an error: restart it in the Whapi panel, then link the phone again if it stays",
    "INIT": "the channel is starting; if this lasts for more than a minute, restart it in the Whapi panel",
    "LAUNCH": "the channel is starting; if this lasts for more than a minute, restart it in the Whapi panel",
    "NOT_INIT": "the channel was never started: start it in the Whapi panel",
}


@dataclass(frozen=True, slots=True)
class GroupInfo:
    """A group as the gateway lists it. `size` is the number of participants, None where it is not told."""

    id: str
    name: str | None
    size: int | None = None
    created_at: datetime | None = None
    last_active_at: datetime | None = None
    announcements_only: bool = False
    community_parent: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """The channel's state. `status` is the gateway's word (AUTH = working); its number codes are not to be trusted."""

    status: str
    channel_id: str | None = None
    uptime_s: int | None = None
    version: str | None = None

    @property
    def working(self) -> bool:
        """True while messages flow."""
        return self.status == "AUTH"

    @property
    def advice(self) -> str:
        """What the operator must do; empty while the channel works."""
        return _ADVICE.get(self.status, "the channel is in a state that is not documented: look at the Whapi panel")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is left of a limited plan; None where the plan has no such limit."""

    requests: int | None = None
    messages: int | None = None
    checks: int | None = None


def read_group(body: object) -> GroupInfo | None:
    """One group; None for what is no group."""
    group = mapping(body)
    id = group_id(group.get("id"))
    if id is None:
        return None
    participants = group.get("participants")
    sizes = (whole(group.get("participants_count")), whole(group.get("size")))  # the field was renamed once
    listed = len(participants) if isinstance(participants, list) else None
    return GroupInfo(
        id=id,
        name=label(group.get("name")),
        size=next((size for size in sizes if size is not None), listed),
        created_at=instant(group.get("created_at")),
        last_active_at=instant(group.get("timestamp")),
        announcements_only=truth(group.get("announcements")),
        community_parent=truth(group.get("is_parent")),
    )


def read_groups(body: object) -> list[GroupInfo]:
    """The groups on one page of the list of groups; what is no group is passed over."""
    return [group for piece in items(mapping(body).get("groups")) or () if (group := read_group(piece))]


def read_health(body: object) -> Health:
    """The channel's health; status "UNKNOWN" where the answer does not tell it."""
    health = mapping(body)
    status = label(mapping(health.get("status")).get("text"), 40)
    return Health(
        status=status.upper() if status else "UNKNOWN",
        channel_id=identifier(health.get("channel_id")),
        uptime_s=whole(health.get("uptime")),
        version=label(health.get("version"), 40),
    )


def read_limits(body: object) -> Limits:
    """What is left of a limited plan."""
    limits = mapping(body)
    return Limits(whole(limits.get("requests")), whole(limits.get("messages")), whole(limits.get("checks")))


def read_error(body: object) -> str:
    """The words of an error answer, on one line; empty where it has none."""
    error = mapping(body).get("error")
    if isinstance(error, str):
        return label(error) or ""
    parts = (label(mapping(error).get(field)) for field in ("message", "details"))
    return ": ".join(part for part in parts if part)


def webhook_registration(
    settings: object,
    url: str,
    headers: dict[str, str] | None = None,
    *,
    events: tuple[tuple[str, str], ...] = EVENTS,
) -> dict[str, Any]:
    """The change to send to the channel's settings so that our webhook is in it, once, and all others stay.

    The gateway replaces the whole list, so it is read, changed and written. Misconfigured for an address that is not
    http(s) and for more than the five headers that the gateway keeps.
    """
    if not url.startswith(("https://", "http://")):
        raise Misconfigured("the webhook's address must start with https:// (or http:// on a private network)")
    if len(headers or {}) > _MOST_HEADERS:
        raise Misconfigured(f"the gateway keeps at most {_MOST_HEADERS} headers on a webhook")
    known = [hook for hook in items(mapping(settings).get("webhooks")) or () if isinstance(hook, dict)]
    ours = next((hook for hook in known if _same(hook, url)), {})
    hook = ours | {
        "url": url,
        "mode": "body",
        "headers": dict(headers or {}),
        "events": [{"type": type, "method": method} for type, method in events],
        "webhook_max_age_seconds": None,  # any number here makes the gateway drop a late backlog without a word
    }
    return {"webhooks": [other for other in known if not _same(other, url)] + [hook]}


def _same(hook: dict[str, Any], url: str) -> bool:
    return str(hook.get("url", "")).rstrip("/") == url.rstrip("/")
