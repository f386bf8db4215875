"""A publisher with a month behind it: groups with rhythms, messages with fates, calls that were decided on, costs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from services.publisher.logic import Reason
from shared.contracts.ids import call_id
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import DeadLetter, ExtractedCall
from shared.storage.budgets import Budget
from shared.storage.costs import Spent
from shared.storage.ledger import Entry, State
from shared.storage.sources import Source, SourceStatus
from tests.services.publisher.house import START, House, extracted

LIVELY: Final = Group(id="120363000000000001@g.us", name="كاستنج الرياض | Riyadh Casting")
SLOW: Final = Group(id="120363000000000002@g.us", name="فرص تمثيل جدة والشرقية")
GONE: Final = Group(id="120363000000000003@g.us", name="Extras & Models KSA")
NEW: Final = Group(id="120363000000000004@g.us", name="كاستينج إعلانات نيوم")
OFF: Final = Group(id="120363000000000005@g.us", name="سوالف أهل السينما")
DAYS: Final = 30
_DAY: Final = timedelta(days=1)
_FATES: Final = (
    (State.REJECTED, "sure_noise"),
    (State.REJECTED, "scored_noise"),
    (State.REJECTED, "sure_noise"),
    (State.NO_TEXT, "no_text"),
    (State.REJECTED, "too_short"),
    (State.REJECTED, "sure_noise"),
    (State.DUPLICATE, "sure_call"),
)


async def furnish(house: House, *, calls_a_day: int = 3) -> None:
    """Fills the house up to its present time."""
    await _groups(house)
    for number in range(DAYS):
        await _day(house, START - (DAYS - 1 - number) * _DAY, number, calls_a_day)
    await _figures(house)
    await house.backlog.reload()
    await house.counted()


async def _groups(house: House) -> None:
    added = START - timedelta(days=60)
    poll = START - timedelta(minutes=4)
    for group, status in (
        (LIVELY, SourceStatus.ACTIVE),
        (SLOW, SourceStatus.ACTIVE),
        (GONE, SourceStatus.ACTIVE),
        (NEW, SourceStatus.PROPOSED),
        (OFF, SourceStatus.INACTIVE),
    ):
        name = group.name or group.id
        await house.sources.add(
            Source(group.id, name, status, added, participants=214, last_poll_at=poll, added_by="sync")
        )
    gateway = house.stores.gateway
    await gateway.checked("AUTH", working=True, advice="", at=START - timedelta(days=12))
    await gateway.checked("AUTH", working=True, advice="", at=START - timedelta(seconds=40))
    await gateway.synced(START - timedelta(hours=5))


async def _day(house: House, day: datetime, number: int, calls: int) -> None:
    """Messages from 9 in the morning to 11 at night, local time; the lively group each hour, the slow one at eight."""
    entries: list[Entry] = []
    for hour in range(6, 21):
        at = day.replace(hour=hour, minute=10)
        if at > START:
            break
        group = LIVELY if hour != 17 else SLOW
        entries += [_entry(f"{number}-{hour}-{n}", group, at, (hour + n + number) % 7) for n in range(2 + hour % 3)]
        if number < DAYS - 3 and hour % 2:
            entries.append(_entry(f"{number}-{hour}-x", GONE, at, hour % 7))
    await house.ledger.record(entries)
    await house.sources.heard([(entry.group_id, entry.sent_at) for entry in entries], via_webhook=True)
    for n in range(calls):
        await _call(house, f"call-{number}-{n}", day.replace(hour=6, minute=15 + n), number * calls + n)


def _entry(id: str, group: Group, at: datetime, fate: int) -> Entry:
    state, rule = _FATES[fate]
    return Entry(
        id=id,
        claim=f"RAW:{id}",
        state=state,
        group_id=group.id,
        group_name=group.name,
        sent_at=at,
        seen_at=at,
        via="webhook",
        rule=rule,
        score=0.1,
        text="السلام عليكم ورحمة الله",
        duplicate_of="call-0-0" if state is State.DUPLICATE else None,
    )


async def _call(house: House, id: str, at: datetime, turn: int) -> None:
    """A call, on the desk some seconds after it was posted, and decided on but for the last day's."""
    group, check = (LIVELY, SLOW)[turn % 2], turn % 11 == 5
    stages = {"filter": {"check": True}} if check else {}
    values = {"group_id": group.id, "group_name": group.name, "sent_at": at, "seen_at": at}
    rule = "scored_noise" if check else "sure_call"
    await house.message(id, text="مطلوب ممثل سعودي لفيلم قصير في الرياض", rule=rule, stages=stages, **values)
    house.now = at + timedelta(seconds=20 + 37 * turn % 400)
    event = extracted(id)
    message = RawMessage.model_validate(event.message.model_dump() | {"group": group.model_dump(), "sent_at": at})
    await house.handlers.on_extracted(
        ExtractedCall.model_validate(event.model_dump() | {"message": message.model_dump(), "check": check})
    )
    if at > START - timedelta(hours=6):
        house.now = START
        return
    match turn % 5:
        case 3:
            await house.desk.reject(call_id(id), 1, Reason.NOT_A_CALL, None, "sara")
        case 4:
            await house.desk.reject(call_id(id), 1, Reason.INCOMPLETE, None, "sara")
        case _:
            await house.desk.approve(call_id(id), 1, "sara")
    house.now = START


async def _figures(house: House) -> None:
    stores = house.stores
    today: date = START.astimezone(UTC).date()
    for number in range(DAYS):
        for group in (LIVELY, SLOW):
            spent = Spent(
                today - number * _DAY, group.id, "extractor", "gpt-4o-mini", 14, 2, 21_400, 4_300, 0.0058, 9e3
            )
            await stores.costs.add(spent)
    await stores.budgets.add(Budget("model.requests", 10_000, _DAY), 28, START)
    await stores.budgets.add(Budget("model.cost_usd", 1.5, _DAY), 1.31, START)
    await stores.budgets.add(Budget("whapi", 600, timedelta(hours=1)), 148, START)
    for service in ("receiver", "poller", "filter", "filter", "publisher"):
        replica = f"{service}-{len(await stores.heartbeats.all())}"
        await stores.heartbeats.beat(service, replica, START - timedelta(hours=31), {"ready": True, "troubles": {}})
        await stores.heartbeats.beat(service, replica, START, {"ready": True, "troubles": {}})
    await stores.heartbeats.beat("extractor", "extractor-1", START - timedelta(minutes=9), {"ready": True})
    for number, reason in enumerate(("validation", "too_often")):
        letter = DeadLetter(
            event_id=f"dead:{number}",
            stage="filter",
            reason=reason,
            detail="1 validation error for RawMessage: sent_at: Input should have timezone info",
            subject="raw.messages",
            payload="{}",
            failed_at=START - timedelta(hours=2 + number),
            message_id=None if number else "call-29-0",
        )
        await house.dead_letters.add(letter)
