"""The open calls at hand: a page of the feed reads nothing from the database but what has changed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from fastapi import Depends, Request

from services.publisher.backlog import Backlog
from services.publisher.each_call import each_call
from services.publisher.web.openings import Opening
from services.publisher.web.words import LANGUAGES, Words
from shared.arabic.normalise import fold_text
from shared.contracts.calls import CastingCall
from shared.storage.calls import Call, Calls, Status, Summary

_UNSEEN: Final[dict[str, Any]] = {
    "evidence": {},
    "confidence": {},
    "history": (),
    "outbox": (),
    "suggestions": (),
    "search": "",
    "fields_before": None,
}


class Showcase:
    """Holds each approved call in the version that the list knows."""

    def __init__(self, calls: Calls, backlog: Backlog) -> None:
        self._calls = calls
        self._backlog = backlog
        self._held: dict[str, Opening] = {}

    async def refresh(self) -> None:
        """Reads what has changed, so that no visitor has to wait for it."""
        await self._read(self._backlog.standing(Status.APPROVED))

    async def open_on(self, today: date) -> list[Opening]:
        """The calls that are open on this day, in no order."""
        rows = self._backlog.standing(Status.APPROVED)
        await self._read(rows)
        held = (self._held.get(row.id) for row in rows)
        return [item for item in held if item is not None and item.is_open(today)]

    async def _read(self, rows: list[Summary]) -> None:
        lacking = [row.id for row in rows if row.id not in self._held or self._held[row.id].call.version < row.version]
        async for call in each_call(self._calls, lacking):
            self._held[call.id] = opening_of(call)
        if len(self._held) > len(rows):
            standing = {row.id for row in rows}
            self._held = {id: item for id, item in self._held.items() if id in standing}


def opening_of(call: Call) -> Opening:
    """The call with its words as a search finds them: names of cities and kinds in every language.

    Evidence, history, events and the message's words, which the public is not shown, are most of a call's size and stay
    in the database.
    """
    wordless = call.message.model_copy(update={"text": ""})
    bare = call.model_copy(update=_UNSEEN | {"original": call.fields, "message": wordless})
    return Opening(bare, fold_text(" ".join(_words_of(call.fields))))


def _words_of(fields: CastingCall) -> list[str]:
    words = [fields.title, fields.production_company or "", fields.location_city or ""]
    for role in fields.roles:
        words += [role.name, *role.requirements]
    for spoken in map(Words, LANGUAGES):
        words += [
            spoken(key) for key in (f"city.{fields.location_city}", f"type.{fields.project_type}") if spoken.has(key)
        ]
    return words


def showcase_of(request: Request) -> Showcase:
    """The showcase of the site that answers this request."""
    showcase: Showcase = request.app.state.showcase
    return showcase


Shown = Annotated[Showcase, Depends(showcase_of)]
