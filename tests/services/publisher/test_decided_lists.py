"""The lists of rejected, withdrawn and expired calls: narrowed and searched like the queue, however long they are."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from services.publisher.filters import Filter
from services.publisher.logic import Reason
from services.publisher.web import decided
from services.publisher.web.decided import decided_page
from shared.storage.calls import Status
from tests.services.publisher.busy import furnish
from tests.services.publisher.house import House, queued, sign_in


async def rejected(house: House, number: int, *, title: str = "فرصة", reason: Reason = Reason.OUTSIDE) -> str:
    """A rejected call; returns its id."""
    call = await queued(house, f"m{number}", title=f"{title} {number}", text=f"رسالة {number}")
    await house.desk.reject(call.id, call.version, reason, None, "sara")
    return call.id


def shown(answer: httpx.Response) -> list[str]:
    return re.findall(r'data-row-id="([^"]+)"', answer.text)


async def every(house: House, wanted: Filter, limit: int) -> list[list[str]]:
    """All pages of this list."""
    pages: list[list[str]] = []
    cursor = None
    while True:
        page = await decided_page(house.calls, wanted, house.now, cursor=cursor, limit=limit)
        pages.append([row.id for row in page.rows])
        cursor = page.next_cursor
        if cursor is None:
            return pages


async def test_the_pages_have_every_call_once_latest_first(house: House) -> None:
    ids = [await rejected(house, number) for number in range(7)]
    same = (await house.call(ids[3])).updated_at
    for id in ids[3:6]:  # decided within one millisecond
        call = await house.call(id)
        assert await house.calls.save(call.model_copy(update={"updated_at": same, "version": 3}), over=2)
    pages = await every(house, Filter(status=Status.REJECTED), 2)
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert [id for page in pages for id in page] == [ids[6], *sorted(ids[3:6], reverse=True), ids[2], ids[1], ids[0]]


async def test_a_look_ends_somewhere_and_the_next_one_goes_on_from_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decided, "MOST", 4)
    monkeypatch.setattr(decided, "_AT_ONCE", 3)
    old = await rejected(house, 0, title="نادرة")
    for number in range(1, 12):
        await rejected(house, number)
    wanted = Filter(status=Status.REJECTED, q="نادره")
    first = await decided_page(house.calls, wanted, house.now, cursor=None, limit=1)
    assert (first.rows, bool(first.next_cursor)) == ([], True)
    assert first.looked_to is not None
    assert [id for page in await every(house, wanted, 1) for id in page] == [old]


@pytest.mark.parametrize(
    ("query", "found"),
    [("reason=over", [1]), ("q=1", [1]), ("reason=over&q=2", []), ("city=Jeddah", []), ("", [2, 1, 0])],
)
async def test_the_rejected_are_narrowed_by_the_address(
    house: House, client: httpx.AsyncClient, query: str, found: list[int]
) -> None:
    ids = [await rejected(house, n, reason=Reason.OVER if n == 1 else Reason.OUTSIDE) for n in range(3)]
    await sign_in(client, "sara")
    answer = await client.get(f"/review?status=rejected&{query}")
    assert shown(answer) == [ids[n] for n in found]
    opened = re.search(r'id="main"[^>]* data-id="([^"]*)"', answer.text)
    assert opened
    assert opened[1] == (ids[found[0]] if found else "")
    assert ("queue.clear" not in answer.text) and ("Clear filters" in answer.text) == bool(query)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("status", ["rejected", "withdrawn", "expired"])
async def test_each_list_can_be_narrowed_in_both_languages(
    house: House, client: httpx.AsyncClient, status: str, language: str
) -> None:
    await furnish(house)
    await sign_in(client, "sara")
    page = (await client.get(f"/review?status={status}&lang={language}")).text
    for name in ("q", "group", "city", "type", "language", "flag", "confidence", "age"):
        assert re.search(rf'<(input|select)[^>]* name="{name}"', page), name
    assert ('name="reason" aria-label' in page) == (status == "rejected")
    assert "filter." not in re.sub(r"<[^>]+>", " ", page)
    assert "كاستنج الرياض" in page


async def test_a_cursor_of_nobody_shows_the_list_from_its_beginning(house: House, client: httpx.AsyncClient) -> None:
    id = await rejected(house, 1)
    await sign_in(client, "sara")
    for cursor in ("x", "9999999999999999-z", "0-0", "2026-11-20T09:00:00+00:00"):
        answer = await client.get("/review/rows", params={"status": "rejected", "cursor": cursor})
        assert answer.status_code == 200
        assert shown(answer) in ([id], [])
    assert shown(await client.get("/review/rows?status=rejected&cursor=x")) == [id]


async def test_what_is_older_than_a_day_is_found_by_its_age(house: House) -> None:
    id = await rejected(house, 1)
    house.now += timedelta(days=2)
    newer, older = (Filter(status=Status.REJECTED, age=age) for age in ("day", "days"))
    assert await every(house, newer, 5) == [[]]
    assert await every(house, older, 5) == [[id]]
