"""A desk with invented messages on it, read by the offline engine: for pictures and for measuring."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from services.extractor.offline.engine import extract
from services.publisher.differences import changes
from services.publisher.logic import Reason
from shared.contracts.calls import Support
from shared.contracts.ids import call_id, posted_id
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import ExtractedCall, Likeness, Relation, Verdict
from shared.storage.ledger import State
from tests.services.publisher.house import GROUP, House

CORPUS = Path(__file__).parents[1] / "corpus" / "dev.jsonl"
PASSWORD = "correct horse battery"
GROUPS = ("كاستنج الرياض", "فرص تمثيل جدة", "Saudi Casting Hub", "ملتقى صنّاع الأفلام", "كومبارس الشرقية")
_SURE = {Support.VERBATIM: 0.96, Support.NORMALISED: 0.88, Support.DERIVED: 0.61}
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def system_browser() -> str | None:
    """The browser that the machine has; None for Playwright's own."""
    return next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)


def labelled(number: int) -> list[dict[str, Any]]:
    """The first calls of the labelled messages."""
    rows = (json.loads(line) for line in CORPUS.read_text("utf-8").splitlines())
    return [row for row in rows if row["label"] == "casting_call"][:number]


def read(id: str, text: str, sent_at: datetime, group: Group) -> ExtractedCall | None:
    """What the extractor would send for this message; None where it sees no call."""
    found = extract(text, sent_at)
    if found.call is None:
        return None
    sure = {path: _SURE[item.support] for path, item in found.evidence.items()}
    return ExtractedCall(
        event_id=f"call:{id}",
        call_id=call_id(id),
        message=RawMessage(event_id=posted_id(id), message_id=id, group=group, sent_at=sent_at, text=text),
        verdict=Verdict(passed=True, rule="scored_call", score=2.4),
        call=found.call,
        evidence=found.evidence,
        confidence=found.confidence or sure,
        flags=found.flags,
        engine=found.engine,
    )


async def furnish(house: House) -> None:
    """Some calls of each kind: an update of an earlier one, a rejection to check, a copy, decided and changed ones."""
    events: list[ExtractedCall] = []
    for number, row in enumerate(labelled(26)):
        group = Group(id=f"1203630000000000{number % 5:02d}@g.us", name=GROUPS[number % 5])
        sent_at = house.now - timedelta(minutes=41 * number + 7)
        if event := read(row["id"], row["text"], sent_at, group):
            events.append(event)
    for event in events:
        await house.message(event.message.message_id, group_id=event.message.group.id, sent_at=event.message.sent_at)
        await house.handlers.on_extracted(event)
    await _copies(house, events[0])
    await _again(house, events[0])
    await _check(house)
    for event in events[20:23]:
        await house.desk.approve(event.call_id, 1, "boss")
    await house.desk.reject(events[23].call_id, 1, Reason.SUSPICIOUS, None, "sara")


async def _copies(house: House, event: ExtractedCall) -> None:
    for number in (1, 2):
        await house.message(
            f"copy{number}",
            state=State.DUPLICATE,
            duplicate_of=event.message.message_id,
            group_id=f"g{number}@g.us",
            group_name=GROUPS[number],
            sent_at=event.message.sent_at + timedelta(minutes=9 * number),
        )


async def _again(house: House, first: ExtractedCall) -> None:
    """The same call with another deadline, an hour later in another group."""
    await house.desk.approve(first.call_id, 1, "boss")
    text = f"تحديث ⚠️ آخر موعد للتقديم ٢٥ ديسمبر\n{first.message.text}"
    again = read("again", text, house.now - timedelta(minutes=2), Group(id="g9@g.us", name=GROUPS[3]))
    assert again is not None
    earlier = await house.call(first.call_id)
    differing = {item.path.partition(".")[0] for item in changes(earlier.fields, again.call)}
    likeness = Likeness(
        relation=Relation.UPDATE,
        call_id=first.call_id,
        message_id=first.message.message_id,
        containment=0.93,
        conflicts=tuple(sorted(differing)),
        reason="other deadline",
    )
    await house.message("again")
    await house.handlers.on_extracted(again.model_copy(update={"likeness": likeness}))


async def _check(house: House) -> None:
    """A message that the filter stopped, and that a reviewer is asked about."""
    text = "السلام عليكم، احتاج بنات لتصوير محتوى مطعم بالخبر الجمعة العصر، المبلغ ٤٠٠، اللي تناسبها ترسل صورها خاص"
    event = read("stopped", text, house.now - timedelta(minutes=4), GROUP)
    assert event is not None
    verdict = Verdict(passed=False, rule="scored_other", score=-0.4, reasons=("short", "private reply"))
    await house.message("stopped")
    await house.handlers.on_extracted(event.model_copy(update={"check": True, "verdict": verdict}))


@asynccontextmanager
async def opened(house: House) -> AsyncIterator[str]:
    """The address of this house's site while it is served. "sara" and the admin "boss" may sign in."""
    await house.accounts.add("sara", PASSWORD)
    await house.accounts.add("boss", PASSWORD, "admin")
    await house.backlog.reload()
    config = uvicorn.Config(house.app, host="127.0.0.1", port=0, log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    house.live.close()
    server.should_exit = True
    await serving
