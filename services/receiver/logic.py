"""What the receiver decides: does a delivery prove its sender, what is in it, and what of that is taken in. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

import orjson

from shared.contracts.messages import Group, RawEvent
from shared.contracts.pipeline import DeadLetter
from shared.errors import Malformed, Misconfigured, Unavailable
from shared.whapi.letters import unreadable
from shared.whapi.wire import Delivery

SIGNATURE_HEADER = b"x-whapi-signature"
MIN_SECRET = 16
MAX_PARTS = 200_000  # values of one body: a thousand times what a message has; each costs memory fortyfold
MAX_LETTERS = 100  # malformed pieces of one delivery that get a letter each

_PATH_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")
_PRINTABLE = re.compile(r"[!-~]+")

Body = bytes | bytearray

Headers = list[tuple[bytes, bytes]]
"""As ASGI gives them: names in lower case."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway is told. `outcome` is a constant name (a metric label); `close` ends the connection unread."""

    status: int
    outcome: str
    content: dict[str, Any]
    close: bool = False
    retry_after_s: int | None = None


def refusal(status: int, outcome: str, error: str, *, close: bool = False, retry_after_s: int | None = None) -> Answer:
    """An answer that says in `error` what is wrong."""
    return Answer(status, outcome, {"error": error}, close, retry_after_s)


@dataclass(frozen=True, slots=True)
class Lock:
    """Who may deliver. Without secrets it stands open (development only); `signed` says that the body is signed."""

    signed: bool
    header: bytes
    secrets: tuple[bytes, ...]

    def opens(self, headers: Headers, body: Body = b"") -> bool:
        """Whether exactly one header of the right name holds a secret, or the body's signature with one."""
        if not self.secrets:
            return True
        given = [value for name, value in headers if name == self.header]
        if len(given) != 1:
            return False
        value = given[0].strip()
        if self.signed:
            value = value.lower().removeprefix(b"sha256=")
        expected = [_signature(secret, body) for secret in self.secrets] if self.signed else self.secrets
        found = False
        for candidate in expected:  # each comparison is made, so that the time tells nothing
            found |= hmac.compare_digest(value, candidate)
        return found


def make_lock(auth: str, secret: str | None, previous: str | None, header: str, *, insecure_development: bool) -> Lock:
    """The lock that the settings ask for; Misconfigured, with what to set, where it would not hold."""
    for name, value in (("RECEIVER_SECRET", secret), ("RECEIVER_SECRET_PREVIOUS", previous)):
        if value is not None and (len(value) < MIN_SECRET or not _PRINTABLE.fullmatch(value)):
            raise Misconfigured(f"{name} must be {MIN_SECRET} or more visible ASCII characters without spaces")
    if auth == "none-for-development":
        if not insecure_development:
            raise Misconfigured("RECEIVER_AUTH=none-for-development needs RECEIVER_INSECURE_DEVELOPMENT=true")
        return Lock(False, b"", ())
    if secret is None and not (insecure_development and previous is None):
        raise Misconfigured(
            "set RECEIVER_SECRET (16 characters or more, the same as in the gateway's webhook header); "
            "RECEIVER_INSECURE_DEVELOPMENT=true starts without one, for development only"
        )
    secrets = tuple(value.encode() for value in (secret, previous) if value is not None)
    signed = auth == "hmac"
    return Lock(signed, SIGNATURE_HEADER if signed else header.lower().encode(), secrets)


def check_path_secret(value: str | None) -> bytes:
    """The last segment of the address, empty where none is wanted; Misconfigured where it is weak or no segment."""
    if value is None:
        return b""
    if len(value) < MIN_SECRET or not _PATH_SEGMENT.fullmatch(value):
        raise Misconfigured(f"RECEIVER_PATH_SECRET must be {MIN_SECRET} or more of the characters A-Z a-z 0-9 . _ ~ -")
    return value.encode()


def _signature(secret: bytes, body: Body) -> bytes:
    return hmac.new(secret, body, hashlib.sha256).hexdigest().encode()


def parse(body: Body, content_type: bytes, encoding: bytes) -> dict[str, Any]:
    """The JSON object in a body; Malformed with the reason where there is none."""
    if encoding.strip().lower() not in (b"", b"identity"):
        raise Malformed("the body is compressed: send it without Content-Encoding", reason="content_encoding")
    if content_type.partition(b";")[0].strip().lower() != b"application/json":
        raise Malformed("the content type must be application/json", reason="content_type")
    if len(body) > MAX_PARTS and sum(map(body.count, (b",", b"[", b"{"))) > MAX_PARTS:
        raise Malformed(f"the body holds more than {MAX_PARTS} values", reason="too_complex")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        value = _parse_with_lone_surrogates(body, error)
    if not isinstance(value, dict):
        raise Malformed(f"the body must be a JSON object, not {type(value).__name__}", reason="not_an_object")
    return value


def _parse_with_lone_surrogates(body: Body, error: orjson.JSONDecodeError) -> object:
    """JSON with half an emoji in it, as gateways write it when they cut a text short: it must not cost a delivery."""
    if b"\\ud" not in body.lower():
        raise Malformed(f"no valid JSON: {error}", reason="broken_json")
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Malformed(f"no valid JSON: {error}", reason="broken_json") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def of_another_channel(delivery: Delivery, channel_id: str | None) -> bool:
    """Whether a delivery must be refused: it names another channel than ours, or brings messages and names none."""
    if channel_id is None or delivery.channel_id == channel_id:
        return False
    return delivery.channel_id is not None or delivery.pieces > 0


@dataclass(slots=True)
class Intake:
    """What of a delivery is stored, and what is left out, by name."""

    events: list[RawEvent]
    ignored: dict[str, int]


def take_in(delivery: Delivery, groups: Mapping[str, Group] | None, erased: frozenset[str] = frozenset()) -> Intake:
    """Sorts a delivery by the active groups (by id): theirs is stored, and so is a deletion that names no group.

    Events that somebody asked us to erase (`erased`, by their ids) are left out when they come again.
    Fills in the group's name where the wire lacks it. Unavailable while the groups are not known and would be needed.
    """
    intake = Intake([], dict(delivery.ignored))
    for event in delivery.events:
        group = event.group
        if event.event_id in erased:
            intake.ignored["erased"] = intake.ignored.get("erased", 0) + 1
        elif group is None:
            intake.events.append(event)
        elif groups is None:
            raise Unavailable("the active groups are not loaded yet")
        elif (known := groups.get(group.id)) is None:
            intake.ignored["inactive_group"] = intake.ignored.get("inactive_group", 0) + 1
        elif group.name is None and known.name:
            intake.events.append(event.model_copy(update={"group": known}))
        else:
            intake.events.append(event)
    if delivery.event_name == "unnamed" and not delivery.pieces and intake.ignored.pop("empty", 0):
        intake.ignored["test"] = 1  # the gateway's test is not documented; a real delivery names its event
    return intake


def letter(payload: Body, reason: str, detail: str, *, now: datetime, content_type: bytes = b"") -> DeadLetter:
    """The dead letter of something that was delivered and cannot be read. The same content gives the same letter."""
    subject = "webhooks.whapi"
    return unreadable(payload, reason, detail, stage="receiver", subject=subject, now=now, content_type=content_type)


def letters_of(delivery: Delivery, body: Body, *, now: datetime) -> list[DeadLetter]:
    """A letter for each piece that could not be read; where they are very many, one for the whole delivery."""
    if delivery.broken > MAX_LETTERS:
        return [letter(body, "many_malformed", f"{delivery.broken} pieces cannot be read", now=now)]
    return [
        letter(piece.payload.encode("utf-8", "backslashreplace"), piece.reason, f"{piece.part}[{piece.index}]", now=now)
        for piece in delivery.malformed
    ]
