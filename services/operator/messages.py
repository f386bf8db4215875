"""`twin messages` and `twin send`: a look into a chat and a word to it, to see that the connection works."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from services.operator import connections
from services.operator.answers import WRONG_USE, JsonOption, finish, run, show, table
from shared.contracts.messages import MessageDeleted, MessageEdited, RawEvent, RawMessage
from shared.whapi.port import Page

_WIDTH = 100

Chat = Annotated[str, typer.Argument(help="The chat's id (…@g.us for a group).")]


def messages(
    chat: Chat,
    count: Annotated[int, typer.Option(min=1, max=500, help="How many of the last messages.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """Fetch and show the last messages of a chat."""

    async def work() -> Page:
        async with connections.gateway() as gateway:
            return await gateway.messages(chat, count=count, sort="desc")

    page = run(work())
    answer = {
        "chat": chat,
        "messages": [event.model_dump(mode="json") for event in page.events],
        "ignored": dict(page.ignored),
        "malformed": len(page.malformed),
    }
    lines = table(("when", "what", "id", "text"), [_row(event) for event in page.events])
    if page.ignored or page.malformed:
        left = [f"{number} {what}" for what, number in page.ignored.items()]
        left += [f"{len(page.malformed)} malformed"] if page.malformed else []
        lines.append("not shown: " + ", ".join(left))
    show(answer, lines, as_json=as_json)


def send(
    chat: Chat, text: Annotated[str, typer.Argument(help="What to write there.")], as_json: JsonOption = False
) -> None:
    """Send a text to a chat, from the linked phone."""

    async def work() -> str | None:
        async with connections.gateway() as gateway:
            return await gateway.send_text(chat, text)

    if not text.strip():
        sys.stderr.write("twin: there is nothing to send\n")
        finish(WRONG_USE)
    message_id = run(work())
    show(
        {"chat": chat, "message_id": message_id}, [f"sent{f' as {message_id}' if message_id else ''}"], as_json=as_json
    )


def _row(event: RawEvent) -> tuple[Any, ...]:
    match event:
        case RawMessage():
            return event.sent_at, event.kind, event.message_id, event.text[:_WIDTH]
        case MessageEdited():
            return event.edited_at, "edit", event.message_id, event.text[:_WIDTH]
        case MessageDeleted():
            return event.deleted_at, "deletion", event.message_id, ""
