"""`twin hooks`: who is sent approved calls and alerts."""

from __future__ import annotations

import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from services.operator import connections
from services.operator.answers import FOUND, JsonOption, finish, run, show, table
from services.publisher.hooks import TEST_TYPE, attempt
from services.publisher.settings import HookSettings
from shared.errors import Permanent
from shared.storage.hooks import Delivery, DeliveryState, Hook, HookSecret, Topic
from shared.storage.mongo.hooks import MongoHooks
from shared.webhooks import standard
from shared.webhooks.addresses import checked_url
from shared.webhooks.sender import HttpPoster

Id = Annotated[str, typer.Argument(help="The subscriber's id, as `twin hooks list` shows it.")]
_SECRET_BYTES = 32
_BOTH_FOR = timedelta(days=1)


def add(
    url: Annotated[str, typer.Argument(help="Where to send: an https address.")],
    topic: Annotated[list[Topic] | None, typer.Option(help="What to send; may be given twice.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Add a subscriber and print its secret, this once."""
    settings: HookSettings = HookSettings.load()
    checked_url(url, private=settings.allow_private)
    value = _new_secret()
    topics = tuple(dict.fromkeys(topic or [Topic.CALLS]))
    hook = Hook(f"hook_{secrets.token_hex(4)}", url, topics, (HookSecret(value),), datetime.now(UTC))

    async def work() -> None:
        async with _hooks() as hooks:
            for known in await hooks.all():  # who typed it twice would get each call twice, signed in two ways
                if known.url == url and set(known.topics) & set(topics):
                    raise Permanent(f"{known.id} is sent that at this address: `twin hooks rotate` makes a new secret")
            await hooks.add(hook)

    run(work())
    lines = [f"{hook.id} is sent {', '.join(topics)}", f"secret: {value}"]
    show({"id": hook.id, "url": url, "topics": list(topics), "secret": value}, lines, as_json=as_json)


def list_(as_json: JsonOption = False) -> None:
    """List the subscribers, with what waits for each and what went wrong last."""

    async def work() -> list[tuple[Hook, list[Delivery], list[Delivery]]]:
        async with _hooks() as hooks:
            return [
                (
                    hook,
                    await hooks.recent(hook.id, state=DeliveryState.WAITING, limit=100),
                    await hooks.recent(hook.id, state=DeliveryState.FAILED, limit=100),
                )
                for hook in await hooks.all()
            ]

    found = run(work())
    rows = [
        (
            hook.id,
            ",".join(hook.topics),
            f"disabled: {hook.disabled_why}" if hook.disabled_at else "active",
            _number(waiting),
            _number(failed),
            next((one.error for one in (*waiting, *failed) if one.error), ""),
            _shown(hook.url),
        )
        for hook, waiting, failed in found
    ]
    headings = ("id", "topics", "state", "waiting", "given up", "last error", "address")
    lines = table(headings, rows) if rows else ["no subscribers; `twin hooks add URL` adds one"]
    document = [_public(hook) | {"waiting": len(waiting), "failed": len(failed)} for hook, waiting, failed in found]
    show(document, lines, as_json=as_json)


def remove(id: Id, as_json: JsonOption = False) -> None:
    """Forget a subscriber and all that it was to be sent."""

    async def work() -> bool:
        async with _hooks() as hooks:
            return await hooks.remove(id)

    _answer(id, "removed", known=run(work()), as_json=as_json)


def enable(id: Id, as_json: JsonOption = False) -> None:
    """Send again to a subscriber that answered 410 Gone."""

    async def work() -> bool:
        async with _hooks() as hooks:
            return await hooks.enable(id)

    _answer(id, "enabled", known=run(work()), as_json=as_json)


def rotate(id: Id, as_json: JsonOption = False) -> None:
    """Make a new secret and print it; for a day the old one signs as well."""
    value, now = _new_secret(), datetime.now(UTC)

    async def work() -> bool:
        async with _hooks() as hooks:
            hook = await hooks.get(id)
            if hook is None:
                return False
            # Each keeps the day that was promised for it: a subscriber may still have the one before the last.
            old = [replace(one, until=one.until or now + _BOTH_FOR) for one in hook.secrets if one.signs(now)]
            return await hooks.set_secrets(id, [HookSecret(value), *old])

    _answer(id, "rotated", known=run(work()), as_json=as_json, secret=value)


def try_one(id: Id, as_json: JsonOption = False) -> None:
    """Send a signed test at once, and say what came back; exit code 1 when it was not taken."""
    answer = run(tried(id))
    if answer is None:
        _answer(id, "tested", known=False, as_json=as_json)
        return
    status, detail = answer
    good = standard.outcome_of(status) is standard.Outcome.DELIVERED
    line = f"{'ok  ' if good else 'FAIL'}  {id} {status or 'no answer'} {detail}".rstrip()
    show({"id": id, "status": status, "detail": detail, "taken": good}, [line], as_json=as_json)
    if not good:
        finish(FOUND)


async def tried(id: str) -> tuple[int | None, str] | None:
    """The status and what was said; None where there is no such subscriber."""
    settings: HookSettings = HookSettings.load()
    async with _hooks() as hooks:
        hook = await hooks.get(id)
    if hook is None:
        return None
    now = datetime.now(UTC)
    body = standard.body_of(TEST_TYPE, now, {"message": "a test"})
    event_id = standard.id_of(f"test:{id}:{now.isoformat()}")
    poster = HttpPoster.open(private=settings.allow_private, timeout_s=settings.timeout_s)
    try:
        answer = await attempt(poster, hook, Delivery(id, event_id, TEST_TYPE, body, now, now), now)
    finally:
        await poster.close()
    return answer.status, answer.detail


@asynccontextmanager
async def _hooks() -> AsyncIterator[MongoHooks]:
    async with connections.database() as mongo:
        yield MongoHooks(mongo)


def _answer(id: str, done: str, *, known: bool, as_json: bool, **more: str) -> None:
    lines = [f"{id} is {done}", *(f"{name}: {value}" for name, value in more.items())] if known else []
    show({"id": id, done: known, **(more if known else {})}, lines, as_json=as_json)
    if not known:
        sys.stderr.write(f"twin: there is no subscriber {id}; `twin hooks list` lists them\n")
        finish(FOUND)


def _new_secret() -> str:
    return standard.new_secret(secrets.token_bytes(_SECRET_BYTES))


def _number(found: list[Delivery]) -> str:
    return f"{len(found)}" if len(found) < 100 else "100 or more"


def _public(hook: Hook) -> dict[str, Any]:
    return {name: value for name, value in asdict(hook).items() if name != "secrets"}


def _shown(url: str) -> str:
    """The address without its query, which may hold a key."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}" + ("?…" if parts.query else "")
