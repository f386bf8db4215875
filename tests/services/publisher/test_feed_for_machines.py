"""What crawlers, previews and calendars ask of the feed: HEAD, a picture, and every cancelled deadline."""

from __future__ import annotations

import struct
from datetime import timedelta

import httpx
import pytest
from icalendar import Calendar

from services.publisher.web import feed
from shared.storage.calls import Call
from tests.services.publisher.house import House, queued


async def approved(house: House, number: int) -> Call:
    call = await queued(
        house, f"m{number}", title=f"فرصة {number}", text=f"رسالة {number}", deadline=f"2026-12-{1 + number:02}"
    )
    return await house.desk.approve(call.id, call.version, "sara")


@pytest.mark.parametrize(
    "path",
    [
        "/casting-calls",
        "/casting-calls/{id}",
        "/casting-calls/feed.atom",
        "/casting-calls/deadlines.ics",
        "/casting-calls/preview.png",
        "/casting-calls/nothing",
        "/api/v1/casting-calls",
        "/api/v1/casting-calls/{id}",
        "/sitemap.xml",
        "/robots.txt",
    ],
)
async def test_head_tells_what_get_would_without_the_body(house: House, client: httpx.AsyncClient, path: str) -> None:
    call = await approved(house, 1)
    address = path.format(id=call.id)
    full, head = await client.get(address), await client.head(address)
    assert full.content
    assert head.content == b""
    assert head.status_code == full.status_code
    for name in ("content-type", "content-length", "etag", "last-modified", "content-security-policy"):
        assert head.headers.get(name) == full.headers.get(name), name


async def test_head_changes_nothing_where_a_form_is_sent(client: httpx.AsyncClient) -> None:
    assert (await client.head("/login")).status_code == 405
    assert (await client.head("/review/live")).status_code in (303, 405)


async def test_other_sites_may_show_the_preview_that_pages_name(house: House, client: httpx.AsyncClient) -> None:
    call = await approved(house, 1)
    for address in ("/casting-calls", f"/casting-calls/{call.id}?lang=ar"):
        page = (await client.get(address)).text
        assert '<meta property="og:image" content="http://desk.test/casting-calls/preview.png">' in page
        assert '<meta name="twitter:card" content="summary_large_image">' in page
    picture = await client.get("/casting-calls/preview.png")
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["cross-origin-resource-policy"] == "cross-origin"
    assert picture.content.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture.content[16:24]) == (1200, 630)
    assert len(picture.content) < 100_000


async def test_every_withdrawal_of_the_last_weeks_is_in_the_calendar(
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_AT_ONCE", 3)
    calls = [await approved(house, number) for number in range(8)]
    for call in calls[:7]:
        await house.desk.withdraw(call.id, call.version, None, "sara")
        house.now += timedelta(minutes=1)
    calendar = Calendar.from_ical((await client.get("/casting-calls/deadlines.ics")).text)
    states = {str(event["UID"]).partition("@")[0]: str(event["STATUS"]) for event in calendar.walk("VEVENT")}
    assert states == {call.id: "CANCELLED" for call in calls[:7]} | {calls[7].id: "CONFIRMED"}


async def test_pages_and_scripts_are_sent_compressed_and_events_are_not(
    house: House, client: httpx.AsyncClient
) -> None:
    await approved(house, 1)
    page = await client.get("/casting-calls", headers={"accept-encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in page.headers["vary"].lower()
    plain = await client.get("/casting-calls", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == page.text
