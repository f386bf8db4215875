"""`twin alert`: what fires, how the channels do, keeping one quiet, and a test through each channel."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from services.operator import connections
from services.operator.answers import FOUND, WRONG_USE, JsonOption, finish, run, show, table
from services.publisher.alerts.rules import RULES
from services.publisher.settings import AlertSettings, PublisherSettings
from services.publisher.web.alert_words import text_of
from services.publisher.web.words import Words
from shared.errors import TwinError
from shared.storage.alerts import Alert, ChannelState, Silence
from shared.storage.mongo.alerts import MongoAlerts

_TIMEOUT_S = 60.0

Name = Annotated[str, typer.Argument(help="An alert's key as `twin alert list` shows it, or a rule's name.")]


def try_channels(
    channel: Annotated[str | None, typer.Option(help="Only this one: log, slack, mail, whatsapp or hooks.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Send a test through each channel that is set, and say what happened; exit code 1 when one failed."""
    results = run(tried(channel))
    if not results:
        sys.stderr.write(f"twin: no channel is called {channel}, or it is not set (docs/settings.md, Alerts)\n")
        finish(WRONG_USE)
    lines = [f"{'FAIL' if why else 'ok  '}  {name:<9} {why or 'handed over'}" for name, why in results.items()]
    if set(results) <= {"log", "hooks"} and channel is None:
        lines.append(
            "Only the log and our webhooks are told: set PUBLISHER_ALERT_SLACK_URL, …_MAIL_TO or …_WHATSAPP_TO."
        )
    show({"channels": [{"name": name, "error": why} for name, why in results.items()]}, lines, as_json=as_json)
    if any(results.values()):
        finish(FOUND)


async def tried(only: str | None = None) -> dict[str, str]:
    """By channel, what went wrong; empty where nothing did."""
    # Only here: it brings the whole publisher, which the other commands need not load.
    from services.publisher.outgoing import open_channels

    alert = _test_alert(datetime.now(UTC))
    settings: PublisherSettings = PublisherSettings.load()
    async with connections.database() as mongo:
        channels, close = open_channels(AlertSettings.load(), mongo, settings.public_url)
        try:
            chosen = [channel for channel in channels if only in (None, channel.name)]
            found = await asyncio.gather(*(_tried(channel.send([alert])) for channel in chosen))
            return {channel.name: why for channel, why in zip(chosen, found, strict=True)}
        finally:
            await close()


async def _tried(sending: Awaitable[None]) -> str:
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await sending
    except TwinError as error:
        return str(error)
    except TimeoutError:
        return f"not handed over within {_TIMEOUT_S:g} s"
    except Exception as error:  # the others are to be tried all the same
        return f"{type(error).__name__}: {error}"
    return ""


def list_(as_json: JsonOption = False) -> None:
    """List what fires, what was over of late, what is kept quiet, and how each channel does."""

    async def work() -> tuple[list[Alert], list[Silence], list[ChannelState]]:
        async with connections.database() as mongo:
            alerts = MongoAlerts(mongo)
            return await alerts.all(), await alerts.silences(), await alerts.channels()

    alerts, silences, channels = run(work())
    words, now = Words("en"), datetime.now(UTC)
    rows = [
        ("FIRING" if one.firing else "over", one.since, one.resolved_at, one.key, ",".join(one.owed), _what(words, one))
        for one in sorted(alerts, key=lambda one: not one.firing)
    ]
    lines = table(("state", "since", "until", "key", "to tell", "what"), rows) if rows else ["nothing is wrong"]
    quiet = [silence for silence in silences if silence.until > now]
    lines += [f"quiet until {silence.until.astimezone():%Y-%m-%d %H:%M}: {silence.name}" for silence in quiet]
    lines += [f"channel {one.name}: fails ({one.failures}): {one.error}" for one in channels if one.failures]
    document = {
        "alerts": [asdict(one) | {"firing": one.firing, "text": _what(words, one)} for one in alerts],
        "silences": [asdict(one) for one in quiet],
        "channels": [asdict(one) for one in channels],
    }
    show(document, lines, as_json=as_json)


def silence(
    name: Name,
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 90, help="For how long.")] = 4,
    as_json: JsonOption = False,
) -> None:
    """Tell nobody of an alert, or of a whole rule, for some hours; the log and the status page still show it."""
    if name.partition(":")[0] not in RULES:
        sys.stderr.write(f"twin: {name!r} is no alert: it begins with one of {', '.join(RULES)}\n")
        finish(WRONG_USE)
    until = datetime.now(UTC) + timedelta(hours=hours)

    async def work() -> None:
        async with connections.database() as mongo:
            await MongoAlerts(mongo).silence(Silence(name, until, "operator"))

    run(work())
    lines = [f"{name} is quiet until {until.astimezone():%Y-%m-%d %H:%M}"]
    show({"name": name, "until": until.isoformat()}, lines, as_json=as_json)


def unsilence(name: Name, as_json: JsonOption = False) -> None:
    """Tell of it again."""

    async def work() -> bool:
        async with connections.database() as mongo:
            return await MongoAlerts(mongo).end_silence(name)

    known = run(work())
    show({"name": name, "ended": known}, [f"{name} is told again"] if known else [], as_json=as_json)
    if not known:
        sys.stderr.write(f"twin: {name} is not silenced\n")
        finish(FOUND)


def _test_alert(now: datetime) -> Alert:
    return Alert("test", "test", now, now)


def _what(words: Words, alert: Alert) -> str:
    text = text_of(words, alert)
    return f"{text.title}: {text.what}"
