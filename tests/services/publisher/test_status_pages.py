"""The admins' pages and the life of a message, over HTTP: what they say, who may see them, and what they change."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from services.publisher.overview.board import Board, Follower, Stores
from services.publisher.overview.picture import picture_of
from services.publisher.overview.rhythm import Pulse
from shared.broker.topology import Lag
from shared.contracts.ids import call_id
from shared.errors import Unavailable
from shared.storage.ledger import State
from shared.storage.memory.leases import MemoryLeases
from shared.storage.memory.totals import MemoryTotals
from shared.storage.sources import Source, SourceStatus
from shared.storage.totals import Hour
from tests.services.publisher.busy import GONE, LIVELY, NEW, OFF, furnish
from tests.services.publisher.house import START, House, extracted

PASSWORD = "correct horse battery"
STATUS = "/admin/digital-twin-status"
PAGES = (STATUS, f"{STATUS}/now", "/admin/groups", "/admin/users")
HOSTILE = '<script>alert(1)</script>"\u202egnp.exe {{ 7*7 }}'


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody yet; a reviewer "sara" and an admin "boss" may sign in."""
    await house.accounts.add("sara", PASSWORD)
    await house.accounts.add("boss", PASSWORD, "admin")
    await house.backlog.reload()
    transport = httpx.ASGITransport(house.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as http:
        yield http


async def sign_in(client: httpx.AsyncClient, name: str) -> httpx.AsyncClient:
    answer = await client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 200
    client.headers["x-csrf-token"] = answer.json()["csrf_token"]
    return client


@pytest.fixture
async def boss(client: httpx.AsyncClient) -> httpx.AsyncClient:
    return await sign_in(client, "boss")


def plain(page: httpx.Response) -> str:
    """The page's text, with spaces as one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


# ---- who gets in


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


# ---- the status page


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


# ---- what stands behind it


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


# ---- groups


async def test_a_proposed_group_is_accepted_and_it_is_known_by_whom(house: House, boss: httpx.AsyncClient) -> None:
    await furnish(house)
    answer = await boss.post(f"/admin/groups/{NEW.id}/status", data={"status": "active"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/groups?did=activated#{NEW.id}")
    found = await house.sources.get(NEW.id)
    assert found is not None
    assert found.status is SourceStatus.ACTIVE
    text = plain(await boss.get("/admin/groups?did=activated"))
    assert "Listening." in text
    assert f"boss began to listen to {NEW.name}" in text


async def test_listening_is_stopped(house: House, boss: httpx.AsyncClient) -> None:
    await furnish(house)
    await boss.post(f"/admin/groups/{LIVELY.id}/status", data={"status": "inactive"})
    found = await house.sources.get(LIVELY.id)
    assert found is not None
    assert found.status is SourceStatus.INACTIVE


async def test_each_group_shows_its_quality(house: House, boss: httpx.AsyncClient) -> None:
    await furnish(house)
    text = plain(await boss.get("/admin/groups"))
    lively = text.split(LIVELY.name or "")[1]
    assert re.search(r"Messages 1,\d{3} Calls in 100 \d\.\d Approved 60% False positives 1\d% .*\$0\.00", lively)


async def test_a_group_is_added_by_its_id_once(house: House, boss: httpx.AsyncClient) -> None:
    form = {"id": " 120363000000000009@g.us ", "name": "كاستنج أبها"}
    assert (await boss.post("/admin/groups/add", data=form)).headers["location"].startswith("/admin/groups?did=added")
    assert (await boss.post("/admin/groups/add", data=form)).headers["location"].startswith("/admin/groups?did=known")
    found = await house.sources.get("120363000000000009@g.us")
    assert found is not None
    assert (found.name, found.status, found.added_by) == ("كاستنج أبها", SourceStatus.ACTIVE, "boss")
    assert [deed.action for deed in await house.office.audit.recent("group")] == ["added"]


@pytest.mark.parametrize("id", ["", "12", "x@g.us", "120363000000000009@s.whatsapp.net", HOSTILE])
async def test_what_is_no_group_id_is_refused_with_the_form_as_it_was(boss: httpx.AsyncClient, id: str) -> None:
    answer = await boss.post("/admin/groups/add", data={"id": id, "name": "اسم"})
    assert answer.status_code == 422
    assert "This is no group id" in answer.text
    assert 'value="اسم"' in answer.text


async def test_an_unknown_group_or_state_changes_nothing(house: House, boss: httpx.AsyncClient) -> None:
    await furnish(house)
    assert (await boss.post("/admin/groups/1@g.us/status", data={"status": "active"})).status_code == 422
    assert (await boss.post(f"/admin/groups/{LIVELY.id}/status", data={"status": "proposed"})).status_code == 422
    assert await house.office.audit.recent("group") == []


# ---- people


def secret_in(page: httpx.Response) -> str:
    found = re.search(r'<code class="secret" dir="ltr">([^<]+)</code>', page.text)
    assert found, page.text
    return found[1]


async def test_a_person_is_added_with_a_password_that_works(client: httpx.AsyncClient, boss: httpx.AsyncClient) -> None:
    page = await boss.post("/admin/users/add", data={"name": "Noura", "role": "reviewer"})
    password = secret_in(page)
    assert password not in (await boss.get("/admin/users")).text
    answer = await client.post("/api/v1/session", json={"name": "noura", "password": password})
    assert (answer.status_code, answer.json()["role"]) == (200, "reviewer")


@pytest.mark.parametrize(
    ("name", "said"), [("sara", "somebody of this name"), ("a b", "1 to 60 letters"), ("", "1 to 60")]
)
async def test_a_name_that_is_taken_or_cannot_be_used_is_refused(
    house: House, boss: httpx.AsyncClient, name: str, said: str
) -> None:
    answer = await boss.post("/admin/users/add", data={"name": name, "role": "admin"})
    assert answer.status_code == 422
    assert said in answer.text
    assert {account.name: str(account.role) for account in await house.accounts.all()} == {
        "boss": "admin",
        "sara": "reviewer",
    }


async def test_a_new_password_a_role_and_shutting_out_each_end_the_sessions(
    house: House, client: httpx.AsyncClient, boss: httpx.AsyncClient
) -> None:
    epochs = []
    for path, data in (("reset", {}), ("role", {"role": "admin"}), ("disable", {}), ("enable", {})):
        answer = await boss.post(f"/admin/users/sara/{path}", data=data)
        assert answer.status_code in (200, 303)
        sara = next(account for account in await house.accounts.all() if account.name == "sara")
        epochs.append((sara.epoch, str(sara.role), sara.disabled))
    assert epochs == [(2, "reviewer", False), (3, "admin", False), (4, "admin", True), (5, "admin", False)]
    assert [deed.action for deed in await house.office.audit.recent("user")] == [
        "enabled",
        "disabled",
        "made_admin",
        "reset",
    ]
    assert "boss shut out sara" in plain(await boss.get("/admin/users"))


@pytest.mark.parametrize(("path", "data"), [("role", {"role": "reviewer"}), ("disable", {})])
async def test_an_admin_cannot_lock_the_last_door(
    house: House, boss: httpx.AsyncClient, path: str, data: dict[str, str]
) -> None:
    answer = await boss.post(f"/admin/users/boss/{path}", data=data)
    assert answer.status_code == 422
    assert "ask another admin" in answer.text
    assert (await boss.get("/admin/users")).status_code == 200


# ---- tokens


async def test_a_program_acts_in_the_name_of_its_token_s_owner_until_it_is_revoked(
    house: House, client: httpx.AsyncClient, boss: httpx.AsyncClient
) -> None:
    token = secret_in(await boss.post("/admin/users/tokens/issue", data={"owner": "sara", "label": "Casting site"}))
    transport = httpx.ASGITransport(house.app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test", headers=headers) as program:
        await house.message("m1")
        await house.handlers.on_extracted(extracted("m1"))
        assert (await program.get("/api/v1/calls")).json()["total"] == 1
        approved = await program.post(f"/api/v1/calls/{call_id('m1')}/approve", json={"version": 1})
        assert approved.status_code == 200
        assert (await house.call(call_id("m1"))).decided_by == "sara"
        assert (await program.get("/admin/users")).status_code == 403
        page = await boss.get("/admin/users")
        assert token not in page.text
        id = (await house.office.tokens.all())[0].id
        assert (await boss.post(f"/admin/users/tokens/{id}/revoke")).status_code == 303
        assert (await program.get("/api/v1/calls")).status_code == 401
    deeds = await house.office.audit.recent("token")
    assert [(deed.actor, deed.action) for deed in deeds] == [("boss", "revoked"), ("boss", "issued")]


async def test_a_token_ends_with_its_owner(house: House, client: httpx.AsyncClient, boss: httpx.AsyncClient) -> None:
    token = await house.office.tokens.issue("sara", "site", by="boss")
    await house.accounts.disable("sara")
    assert await house.office.tokens.account_of(token) is None
    refused = await boss.post("/admin/users/tokens/issue", data={"owner": "sara", "label": "x"})
    assert refused.status_code == 422


@pytest.mark.parametrize("wrong", ["", "takeone", "takeone__", "takeone_abc_def", "x" * 5000, "takeone_\ud800_x"])
async def test_what_is_no_token_is_nobody_s(house: House, wrong: str) -> None:
    await house.accounts.add("sara", PASSWORD)
    good = await house.office.tokens.issue("sara", "site", by="boss")
    assert await house.office.tokens.account_of(good) is not None
    assert await house.office.tokens.account_of(wrong) is None
    assert await house.office.tokens.account_of(good[:-1]) is None


# ---- the life of a message


async def test_the_life_of_a_message_is_told_in_its_order(house: House, client: httpx.AsyncClient) -> None:
    await furnish(house)
    await sign_in(client, "sara")
    text = plain(await client.get("/messages/call-27-1"))
    told = ["Posted in WhatsApp", "Judged by the filter", "Came to the desk", "Approved", "Waits to be sent"]
    places = [text.index(word) for word in told]
    assert places == sorted(places)
    same = plain(await client.get(f"/messages/{call_id('call-27-1')}"))
    assert same.count("Posted in WhatsApp") == 1
    reference = plain(await client.get(f"/messages/whatsapp://group/{LIVELY.id}/message/call-27-1"))
    assert "Posted in WhatsApp" in reference


async def test_an_unknown_message_is_not_here(client: httpx.AsyncClient) -> None:
    assert (await client.get("/messages/none")).status_code == 303
    await sign_in(client, "sara")
    assert (await client.get("/messages/none")).status_code == 404


async def test_a_dead_message_shows_its_letter(house: House, client: httpx.AsyncClient) -> None:
    await furnish(house)
    await sign_in(client, "sara")
    assert "Could not be handled: Filter" in plain(await client.get("/messages/call-29-0"))
