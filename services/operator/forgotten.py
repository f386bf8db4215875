"""Who was forgotten before a restore is forgotten again in it: a back-up of before holds them still.

The audit names an erased person by a keyed digest. Whoever has the key can make the name of each number that the
restored data hold, and see which of them stand in the audit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from services.operator.forget import ABOUT, KEY, audit_key, eraser_on, name_of, sign_of
from services.operator.remains import json_of
from services.operator.traces import inside
from shared.arabic.mentions import Person, person_of
from shared.arabic.normalise import fold
from shared.arabic.phones import find_phones
from shared.broker.stored import stored
from shared.contracts.subjects import ROUTES
from shared.storage.audit import Deed
from shared.storage.mongo import schema
from shared.storage.mongo.audit import MongoAudit
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.erasures import MongoErasures
from shared.storage.mongo.holdings import MongoHoldings

if TYPE_CHECKING:
    from nats.js import JetStreamContext

_DEEDS: Final = 100_000
_KEPT_OUT: Final = timedelta(days=30)
_LIDS: Final = re.compile(r"@([0-9]{6,20})(?![0-9])|(?<![0-9])([0-9]{6,20})(?::[0-9]+)?@lid")
_UNDER: Final = "@"  # between a name and the sign of the key that made it; what older releases noted has none
_AN_ID: Final = 60  # characters; what is longer is a text


async def remember(mongo: Mongo) -> None:
    """Keeps who was forgotten here where a restore does not reach. Misconfigured without the key to their names."""
    names = {
        f"{deed.subject}{_UNDER}{deed.detail[KEY]}" if KEY in deed.detail else deed.subject
        for deed in await MongoAudit(mongo).recent(ABOUT, limit=_DEEDS)
    }
    if names or (await schema.carried(mongo))[0]:
        audit_key()
    await schema.carry(mongo, names, await MongoErasures(mongo).all())


async def forget_again(js: JetStreamContext, mongo: Mongo) -> list[str]:
    """Erases from the restored data whom `remember` has kept; returns a line that says so."""
    carried, events = await schema.carried(mongo)
    signs = {name: sign for name, _, sign in (one.partition(_UNDER) for one in sorted(carried))}  # the signed come last
    names = signs.keys()
    now = datetime.now(UTC)
    await MongoErasures(mongo).add(sorted(events), until=now + _KEPT_OUT)
    if not names:
        return []
    known = {deed.subject for deed in await MongoAudit(mongo).recent(ABOUT, limit=_DEEDS)}
    for name in sorted(names - known):  # the next restore, of another back-up perhaps, has to know them as well
        detail = {KEY: signs[name]} if signs[name] else {}
        await MongoAudit(mongo).note(Deed(now, "operator", ABOUT, name, "erased_before", detail))
    key, found, waiting = audit_key(), 0, 0
    for person in await _persons(js, mongo):
        name = name_of(person, key)
        if name in names:
            await MongoAudit(mongo).note(Deed(now, "operator", ABOUT, name, "erased_again", {}))
            erased = await eraser_on(mongo, js).erase(person, wait_s=0)
            found += 1
            waiting += sum(erased.waiting.values())
    later = f"; {waiting} messages of others that name them wait for the services: forget them then" if waiting else ""
    done = [f"{found} persons in the back-up were forgotten since and are forgotten again{later}"]
    if unknown := sum(sign not in ("", sign_of(key)) for sign in signs.values()):
        done.append(
            f"{unknown} persons were forgotten under another RETENTION_KEY and could not be looked for: restore again"
            " with that key, or forget them again from your own list"
        )
    return done


async def _persons(js: JetStreamContext, mongo: Mongo) -> list[Person]:
    """Everybody whose number or id is in the data."""
    found: dict[Person, None] = {}
    holdings = MongoHoldings(mongo)
    for name in await holdings.collections():
        async for document in holdings.every(name):
            found.update(dict.fromkeys(_named(document)))
    for stream in dict.fromkeys(route.stream for route in ROUTES):
        async with aclosing(stored(js, stream)) as messages:
            async for message in messages:
                found.update(dict.fromkeys(_named(json_of(message))))
    return list(found)


def _named(value: Any) -> Iterator[Person]:
    """The persons that a document names, as one would type each of them."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _named(name)
            yield from _named(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _named(item)
    elif isinstance(value, int):
        yield from _named(str(value))
    elif isinstance(value, str) and any(map(str.isdigit, value)):
        if (content := inside(value)) is not None:
            yield from _named(content)
        if len(value) <= _AN_ID and (person := person_of(value)):
            yield person
        yield from (Person(lids=(lid,)) for match in _LIDS.finditer(value) for lid in match.groups() if lid)
        yield from (Person(numbers=(phone.e164,)) for phone in find_phones(fold(value)))
