"""`twin forget`: takes a person out of everything that is kept and tells consumers; the note of it names nobody."""

from __future__ import annotations

import hashlib
import hmac
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from services.operator import connections
from services.operator.answers import FOUND, WRONG_USE, JsonOption, finish, run, show, table
from services.operator.erasing import Erased, Eraser
from shared.arabic.mentions import Person, person_of
from shared.errors import Misconfigured
from shared.settings import RetentionSettings
from shared.storage.audit import Deed
from shared.storage.mongo.audit import MongoAudit
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.erasures import MongoErasures
from shared.storage.mongo.holdings import MongoHoldings
from shared.storage.mongo.ledger import MongoLedger

if TYPE_CHECKING:
    from nats.js import JetStreamContext

ABOUT: Final = "person"
KEY: Final = "key"  # in the audit: which key the person's name was made with
Given = Annotated[
    str,
    typer.Argument(
        metavar="PHONE|SENDER",
        help="A phone number in any form, a wa.me link, or a WhatsApp id (…@lid).",
    ),
]


def forget(
    given: Given,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be erased.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[
        float, typer.Option(min=0, help="How long to wait for messages that are on their way, in seconds.")
    ] = 60,
    as_json: JsonOption = False,
) -> None:
    """Erase a person everywhere and withdraw their published calls; exit code 1 while something is left to do."""
    person = asked_for(given)
    key = None if dry_run else audit_key()
    if not dry_run and not yes:
        typer.confirm("Erase this person from database and streams? Nothing brings them back", abort=True, err=True)
    name, erased = run(forgotten(person, key=key, wait_s=wait))
    answer = as_document(erased) | {"dry_run": dry_run, "name_in_audit": name}
    show(answer, lines_of(erased, name=name), as_json=as_json)
    if erased.waiting and not dry_run:
        sys.stderr.write("twin: messages wait for a service that is away: start it and run this again\n")
        finish(FOUND)


async def forgotten(person: Person, *, key: str | None, wait_s: float) -> tuple[str | None, Erased]:
    """Erases the person, with a note before and after; without a key only looks. The person's name in the audit."""
    async with connections.broker() as js, connections.database() as mongo:
        eraser = eraser_on(mongo, js, dry=key is None)
        if key is None:
            return None, await eraser.erase(person, wait_s=0)
        name = name_of(person, key)
        await _note(mongo, name, "erasure_began", {KEY: sign_of(key)})
        erased = await eraser.erase(person, wait_s=wait_s)
        await _note(mongo, name, "erasure_unfinished" if erased.waiting else "erased", as_document(erased))
        return name, erased


def eraser_on(mongo: Mongo, js: JetStreamContext, *, dry: bool = False) -> Eraser:
    """What erases from this database and this broker."""
    stores = MongoHoldings(mongo), MongoCalls(mongo), MongoLedger(mongo), MongoErasures(mongo)
    return Eraser(*stores, js, _now, dry=dry)


def asked_for(given: str) -> Person:
    """Who is meant; ends the command where it cannot be told."""
    person = person_of(given)
    if person is None:
        sys.stderr.write("twin: that is neither one phone number nor a WhatsApp id of a person\n")
        raise typer.Exit(WRONG_USE)
    return person


def audit_key() -> str:
    """The key of the names in the audit. Misconfigured without one."""
    settings: RetentionSettings = RetentionSettings.load()
    if settings.key is None:
        raise Misconfigured(
            "RETENTION_KEY must be set to 32 random characters or more (for example the output of: openssl rand -hex"
            " 32) and kept: the audit names erased persons by it"
        )
    return settings.key.get_secret_value()


def name_of(person: Person, key: str) -> str:
    """The person's name in the audit: who has the key and the number can make it, nobody can read the number in it."""
    told = " ".join(sorted((*person.numbers, *person.lids)))
    return "person-" + hmac.new(key.encode(), told.encode(), hashlib.sha256).hexdigest()[:24]


def sign_of(key: str) -> str:
    """What tells one key from another, and nothing else of either."""
    return hmac.new(key.encode(), b"which key", hashlib.sha256).hexdigest()[:8]


def as_document(erased: Erased) -> dict[str, Any]:
    """The counts as JSON."""
    return {
        "documents": dict(erased.documents),
        "calls": dict(erased.calls),
        "messages": dict(erased.messages),
        "waiting": dict(erased.waiting),
    }


def lines_of(erased: Erased, *, name: str | None) -> list[str]:
    """The counts in plain lines."""
    done = "erased" if name else "would be erased"
    lines = [f"nothing of this person is held (name in the audit: {name or '-'})"] if not erased.number else []
    for heading, counts in (
        (f"collection: {done}", erased.documents),
        (f"stream: {done}", erased.messages),
        ("calls: what consumers are told" if name else "calls", erased.calls),
        ("stream: waits for its reader", erased.waiting),
    ):
        if rows := sorted((what, number) for what, number in counts.items() if number):
            lines += ["", *table((heading, "number"), rows)]
    return [*lines, *(["", f"name in the audit: {name}"] if name and erased.number else [])]


async def _note(mongo: Mongo, name: str, action: str, detail: dict[str, Any]) -> None:
    await MongoAudit(mongo).note(Deed(_now(), "operator", ABOUT, name, action, detail))


def _now() -> datetime:
    return datetime.now(UTC)
