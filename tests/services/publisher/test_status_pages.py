"""The status page over HTTP: what it says, who may see it, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from services.publisher.overview.board import Board, Follower, Stores
from services.publisher.overview.picture import picture_of
from services.publisher.overview.rhythm import Pulse
from shared.broker.topology import Lag
from shared.errors import Unavailable
from shared.storage.ledger import State
from shared.storage.memory.leases import MemoryLeases
from shared.storage.memory.totals import MemoryTotals
from shared.storage.sources import Source, SourceStatus
from shared.storage.totals import Hour
from tests.services.publisher.busy import GONE, LIVELY, OFF, furnish
from tests.services.publisher.house import START, House, plain, sign_in

STATUS = "/admin/digital-twin-status"
PAGES = (STATUS, f"{STATUS}/now", "/admin/groups", "/admin/users")
HOSTILE = '<script>alert(1)</script>"\u202egnp.exe {{ 7*7 }}'


@pytest.mark.parametrize("path", PAGES)
async def test_the_admins_pages_are_for_admins(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 303
    await sign_in(client, "sara")
    assert (await client.get(path)).status_code == 403
    await sign_in(client, "boss")
    assert (await client.get(path)).status_code == 200


WRITES = (
    "/admin/groups/add",
    f"/admin/groups/{LIVELY.id}/status",
    "/admin/users/add",
    "/admin/users/sara/reset",
    "/admin/users/sara/role",
    "/admin/users/sara/disable",
    "/admin/users/sara/enable",
    "/admin/users/tokens/issue",
    "/admin/users/tokens/x/revoke",
)


@pytest.mark.parametrize("path", WRITES)
async def test_a_write_needs_an_admin_and_the_token_of_the_page(client: httpx.AsyncClient, path: str) -> None:
    await sign_in(client, "sara")
    assert (await client.post(path, data={"role": "admin"})).status_code == 403
    await sign_in(client, "boss")
    del client.headers["x-csrf-token"]
    assert (await client.post(path, data={"role": "admin"})).status_code == 403


async def test_the_status_page_of_an_empty_house_says_so(house: House, boss: httpx.AsyncClient) -> None:
    await house.counted()
    text = plain(await boss.get(STATUS))
    for said in (
        "Not known yet",
        "No message yet today.",
        "No group is listened to.",
        "No model is in use",
        "not heard",
    ):
        assert said in text


async def test_the_status_page_shows_each_figure_of_a_busy_house(house: House, boss: httpx.AsyncClient) -> None:
    await furnish(house)
    picture = picture_of(house.office.board)
    text = plain(await boss.get(STATUS))
    today = [
        entry for entry in house.ledger.entries.values() if entry.seen_at >= START.replace(hour=0) - timedelta(hours=3)
    ]
    assert picture.flow[0].number == len(today)
    assert f"Received {len(today)} " in text
    assert "Connected AUTH · since 8 November 2026" in text
    assert "Calls at the desk 3" in text
    assert "Wait for a reviewer 3" in text
    assert "gone, last heard 9 min ago" in text
    assert "CANDIDATES → Extractor 3 1" in text
    assert "US dollars a day 1.31 / 1.50" in text
    assert f"{picture.judged.false} of {picture.judged.judged} judged calls were none" in text
    assert f"{picture.missed.missed} of {picture.missed.checked} checked" in text


async def test_the_flow_holds_every_message_of_the_ledger(house: House) -> None:
    await furnish(house)
    board = house.office.board
    assert sum(board.tally.since(board.first_day()).values()) == len(house.ledger.entries)
    assert sum(day.messages for day in picture_of(board).days) == len(house.ledger.entries)


async def test_a_group_that_fell_silent_comes_first(house: House) -> None:
    await furnish(house)
    picture = picture_of(house.office.board)
    assert (picture.groups[0].source.id, picture.groups[0].pulse) == (GONE.id, Pulse.SILENT)
    assert {group.pulse for group in picture.groups[1:]} == {Pulse.USUAL}
    assert picture.odd == 1


async def test_failed_messages_make_the_error_rate(house: House) -> None:
    await furnish(house)
    before = picture_of(house.office.board)
    assert before.failed == 1  # the letter of a message that never reached the ledger
    await house.ledger.settle("29-6-0", State.DEAD, stage="dead", detail={"stage": "extractor", "reason": "x"})
    await house.counted()
    after = picture_of(house.office.board)
    assert after.failed == 2
    assert after.error_rate == pytest.approx(2 / (before.flow[0].number + 2))


async def test_the_page_says_what_could_not_be_read_and_keeps_the_rest(house: House, boss: httpx.AsyncClient) -> None:
    await furnish(house)

    async def away() -> list[Lag]:
        raise Unavailable("the broker is away")

    stores = house.stores
    board = house.office.board
    board._stores = Stores(**{name: getattr(stores, name) for name in Stores.__slots__} | {"lags": away})
    await board.refresh()
    text = plain(await boss.get(STATUS))
    assert "shown as last known: streams" in text
    assert "CANDIDATES → Extractor 3 1" in text


async def test_names_of_groups_and_letters_are_shown_as_text(house: House, boss: httpx.AsyncClient) -> None:
    await house.sources.add(Source(OFF.id, HOSTILE, SourceStatus.ACTIVE, START, last_error=HOSTILE))
    await house.message("m1", text=HOSTILE, sender_name=HOSTILE, group_name=HOSTILE)
    await house.counted()
    for path in (STATUS, "/admin/groups", "/messages/m1"):
        page = await boss.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text


async def test_the_part_for_the_script_is_the_content_alone(house: House, boss: httpx.AsyncClient) -> None:
    await furnish(house)
    page = await boss.get(f"{STATUS}/now")
    assert page.text.lstrip().startswith('<div class="office-body">')
    assert "<html" not in page.text


async def test_only_one_replica_counts_at_a_time(house: House) -> None:
    await house.message("m1")
    leases, totals = MemoryLeases(), MemoryTotals(house.ledger)
    first, second = (Follower(totals, leases, house.clock, owner=owner) for owner in ("a", "b"))
    assert await first.once() == 1
    await house.message("m2")
    assert await second.once() == 0
    house.now += timedelta(minutes=1)  # the first one is gone
    assert await second.once() == 1


async def test_the_board_reads_only_what_changed(house: House) -> None:
    await furnish(house)
    read: list[str] = []

    class Told(MemoryTotals):
        async def since(self, at: object) -> list[Hour]:
            read.append("all")
            return await super().since(at)  # type: ignore[arg-type]

    totals = Told(house.ledger)
    stores = house.stores
    board = Board(
        Stores(**{name: getattr(stores, name) for name in Stores.__slots__} | {"totals": totals}), house.clock
    )
    await totals.follow(house.clock())
    for _ in range(3):
        await board.refresh()
    await house.message("late", seen_at=house.now)
    await totals.follow(house.clock())
    await board.refresh()
    assert read == ["all"]
    assert picture_of(board).flow[0].number == picture_of(house.office.board).flow[0].number + 1
