"""The public feed: what it lists, how it is narrowed, what it says of a call that is gone, and what programs get."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import feedparser
import httpx
import icalendar
import jsonschema
import pytest

from services.publisher.web.openings import Wanted, asked
from services.publisher.web.showcase import Showcase
from shared.contracts.calls import ProjectType
from shared.contracts.ids import call_id
from shared.storage.calls import Call
from tests.services.publisher.house import START, House, queued

ID = call_id("m1")
API = "/api/v1/casting-calls"
ROLE = {"name": "أم", "gender": "female", "age_min": 35, "age_max": 45, "requirements": ["لهجة نجدية"]}
JOB_POSTING: dict[str, Any] = {
    "type": "object",
    "required": ["@context", "@type", "title", "description", "datePosted", "hiringOrganization", "identifier", "url"],
    "properties": {
        "@context": {"const": "https://schema.org"},
        "@type": {"const": "JobPosting"},
        "title": {"type": "string", "minLength": 1},
        "description": {"type": "string", "minLength": 1},
        "datePosted": {"type": "string", "format": "date-time"},
        "validThrough": {"type": "string", "format": "date-time"},
        "employmentType": {"enum": ["TEMPORARY", "VOLUNTEER"]},
        "hiringOrganization": {
            "type": "object",
            "required": ["@type", "name"],
            "properties": {"@type": {"const": "Organization"}},
        },
        "jobLocation": {"type": "object", "required": ["@type", "address"]},
        "baseSalary": {
            "type": "object",
            "required": ["@type", "currency", "value"],
            "properties": {
                "currency": {"pattern": "^[A-Z]{3}$"},
                "value": {"properties": {"unitText": {"enum": ["HOUR", "DAY", "MONTH"]}}},
            },
        },
    },
}


async def published(house: House, id: str = "m1", **fields: Any) -> Call:
    await queued(house, id, **fields)
    return await house.desk.approve(call_id(id), 1, "sara")


async def listed(client: httpx.AsyncClient, **asked_for: Any) -> list[str]:
    answer = await client.get(API, params=asked_for)
    assert answer.status_code == 200, answer.text
    return [item["call"]["title"] for item in answer.json()["items"]]


# ---- narrowing


@pytest.fixture
async def three(house: House) -> None:
    paid = {"kind": "paid", "amount": 500, "currency": "SAR", "per": "day"}
    await published(house, "a", title="أم نجدية", roles=[ROLE], deadline="2026-11-24", compensation=paid)
    both = [
        {"name": "ولد", "gender": "male", "age_min": 8, "age_max": 12},
        {"name": "بنت", "gender": "female", "age_max": 9},
    ]
    await published(house, "b", title="أطفال لإعلان", project_type="commercial", location_city="Jeddah", roles=both)
    await published(
        house, "c", title="كومبارس", project_type="extras", deadline="2026-12-10", compensation={"kind": "unpaid"}
    )


@pytest.mark.parametrize(
    ("asked_for", "found"),
    [
        ({}, ["كومبارس", "أطفال لإعلان", "أم نجدية"]),
        ({"city": "Jeddah"}, ["أطفال لإعلان"]),
        ({"type": "extras"}, ["كومبارس"]),
        ({"gender": "male"}, ["كومبارس", "أطفال لإعلان"]),
        ({"gender": "female", "age": 12}, ["كومبارس"]),
        ({"age": 12}, ["كومبارس", "أطفال لإعلان"]),
        ({"age": 40}, ["كومبارس", "أم نجدية"]),
        ({"pay": "paid"}, ["أم نجدية"]),
        ({"pay": "unpaid"}, ["كومبارس"]),
        ({"deadline": "week"}, ["أم نجدية"]),
        ({"deadline": "month"}, ["كومبارس", "أم نجدية"]),
        ({"q": "اعلان"}, ["أطفال لإعلان"]),
        ({"q": "نجديه"}, ["أم نجدية"]),
        ({"q": "جدة"}, ["أطفال لإعلان"]),
        ({"q": "jeddah commercial"}, ["أطفال لإعلان"]),
        ({"q": "مطلوب"}, []),  # a word of the messages alone
        ({"order": "closing"}, ["أم نجدية", "كومبارس", "أطفال لإعلان"]),
    ],
)
async def test_the_list_is_narrowed_and_ordered(
    house: House, client: httpx.AsyncClient, three: None, asked_for: dict[str, Any], found: list[str]
) -> None:
    assert await listed(client, **asked_for) == found
    page = await client.get("/casting-calls", params=asked_for)
    titles = re.findall(r'<h2 dir="auto"><a href="[^"]+">([^<]+)<', page.text)
    assert titles == found
    assert ("noindex" in page.text) is any(name != "order" for name in asked_for)


@pytest.mark.parametrize("order", ["newest", "closing"])
async def test_pages_follow_each_other_in_every_order(house: House, client: httpx.AsyncClient, order: str) -> None:
    for number in range(60):
        days = {"deadline": f"2026-12-{1 + number % 5:02}"} if number % 6 else {}
        await published(house, f"m{number}", title=f"دور {number}", **days)
    address, seen = f"/casting-calls?order={order}&q=دور", []
    for _ in range(3):
        page = (await client.get(address)).text
        seen += re.findall(r'<h2 dir="auto"><a href="/casting-calls/(\w+)">', page)
        following = re.search(r'href="(/casting-calls\?[^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert (len(seen), len(set(seen)), address) == (60, 60, "")


async def test_a_wrong_address_still_shows_a_list_and_a_wrong_cursor_says_so(
    house: House, client: httpx.AsyncClient
) -> None:
    await published(house)
    wrong = "type=opera&gender=x&age=٣٥٠٠&pay=gold&deadline=never&order=best"
    assert "ممثل لفيلم قصير" in (await client.get(f"/casting-calls?{wrong}")).text
    assert (await client.get("/casting-calls?cursor=x")).status_code == 422
    assert asked({"age": "٣٥", "type": "film"}) == Wanted(age=35, type=ProjectType.FILM)


async def test_what_the_public_is_not_shown_is_not_held_for_it(house: House) -> None:
    """By the thousand, it is most of what the publisher would have in memory."""
    await published(house, "a")
    [held] = await Showcase(house.calls, house.backlog).open_on(START.date())
    kept = await house.call(call_id("a"))
    assert held.call.fields == kept.fields
    assert kept.message.text and kept.history and kept.outbox and kept.search
    assert not (held.call.message.text or held.call.history or held.call.outbox or held.call.search)
    assert not held.call.evidence


async def test_the_showcase_reads_only_what_has_changed(house: House, client: httpx.AsyncClient) -> None:
    await published(house, "a")
    await published(house, "b")
    reads: list[list[str]] = []
    many = house.calls.many

    async def counted(ids: Any) -> list[Call]:
        reads.append(list(ids))
        return await many(ids)

    house.calls.many = counted  # type: ignore[method-assign]
    showcase = Showcase(house.calls, house.backlog)
    today = START.date()
    assert len(await showcase.open_on(today)) == 2
    assert len(await showcase.open_on(today)) == 2
    fields = (await house.call(call_id("a"))).fields.model_copy(update={"title": "جديد"})
    await house.desk.edit(call_id("a"), 2, fields, "sara")
    await house.desk.withdraw(call_id("b"), 2, None, "sara")
    assert [item.call.fields.title for item in await showcase.open_on(today)] == ["جديد"]
    assert [sorted(ids) for ids in reads] == [sorted([call_id("a"), call_id("b")]), [call_id("a")]]


# ---- one call


async def test_a_call_page_tells_search_engines_and_previews_what_it_is(
    house: House, client: httpx.AsyncClient
) -> None:
    pay = {"kind": "paid", "amount": 1500, "amount_max": 2000, "currency": "SAR", "per": "day"}
    await published(
        house, roles=[ROLE], compensation=pay, deadline="2026-12-01", country="SA", production_company="شركة"
    )
    answer = await client.get(f"/casting-calls/{ID}?lang=ar")
    assert "last-modified" in answer.headers
    url = f"http://desk.test/casting-calls/{ID}"
    assert f'<link rel="canonical" href="{url}">' in answer.text
    for language in ("ar", "en"):
        assert f'hreflang="{language}" href="{url}?lang={language}"' in answer.text
    for name in ("og:title", "og:description", "og:url", "twitter:card"):
        assert f'="{name}" content="' in answer.text
    told = posting_in(answer.text)
    jsonschema.validate(told, JOB_POSTING)
    assert (told["title"], told["validThrough"], told["url"]) == (
        "ممثل لفيلم قصير",
        "2026-12-01T23:59:59+03:00",
        url,
    )
    assert told["jobLocation"]["address"] == {
        "@type": "PostalAddress",
        "addressLocality": "Riyadh",
        "addressCountry": "SA",
    }
    assert told["baseSalary"]["value"] == {
        "@type": "QuantitativeValue",
        "minValue": 1500.0,
        "maxValue": 2000.0,
        "unitText": "DAY",
    }
    assert "أم" in told["description"]


async def test_what_is_unknown_is_not_told(house: House, client: httpx.AsyncClient) -> None:
    await published(house, location_city=None)
    told = posting_in((await client.get(f"/casting-calls/{ID}")).text)
    jsonschema.validate(told, JOB_POSTING)
    assert not {"jobLocation", "baseSalary", "validThrough", "totalJobOpenings"} & told.keys()


async def test_a_shoot_of_which_only_the_end_is_known_is_told_so(house: House, client: httpx.AsyncClient) -> None:
    call = await queued(house, shoot_dates={"end": "2026-12-20"})
    await house.desk.approve(call.id, 1, "sara")
    assert "<dd>until 20 December 2026</dd>" in (await client.get(f"/casting-calls/{call.id}")).text


async def test_no_title_breaks_out_of_the_json_of_a_page(house: House, client: httpx.AsyncClient) -> None:
    hostile = "</script><script>alert(1)</script><!-- \u2028 & \"'"
    await published(house, title=hostile)
    page = (await client.get(f"/casting-calls/{ID}")).text
    assert "<script>alert" not in page
    assert posting_in(page)["title"] == hostile


def posting_in(page: str) -> dict[str, Any]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(found) == 1
    told: dict[str, Any] = json.loads(found[0])
    return told


@pytest.mark.parametrize("how", ["withdrawn", "expired", "reopened"])
async def test_a_call_that_is_gone_says_so_and_leaves_every_list(
    house: House, client: httpx.AsyncClient, how: str
) -> None:
    call = await published(house, deadline="2026-11-25")
    if how == "withdrawn":
        await house.desk.withdraw(ID, call.version, None, "sara")
    elif how == "reopened":
        await house.desk.reopen(ID, call.version, "sara")
    else:
        house.now = START + timedelta(days=6)
        assert await house.desk.expire(ID)
    page = await client.get(f"/casting-calls/{ID}")
    assert page.status_code == 410
    assert "no longer open" in page.text
    assert "ممثل لفيلم قصير" not in page.text
    answer = await client.get(f"{API}/{ID}")
    assert (answer.status_code, answer.headers["content-type"]) == (410, "application/problem+json")
    assert await listed(client) == []
    for path in ("/casting-calls/feed.atom", "/sitemap.xml", "/casting-calls"):
        assert ID not in (await client.get(path)).text


# ---- programs


@pytest.mark.parametrize(
    ("path", "code", "name"),
    [
        (f"{API}/nothing", 404, "unknown"),
        (f"{API}?cursor=x", 422, "invalid"),
        (f"{API}?limit=1000", 422, "invalid"),
        (f"{API}?updated_since=2026-01-01T00:00:00Z&city=Riyadh", 422, "invalid"),
    ],
)
async def test_errors_of_the_public_api_are_problems(
    client: httpx.AsyncClient, path: str, code: int, name: str
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (code, "application/problem+json")
    told = answer.json()
    assert (told["status"], told["code"], told["type"]) == (code, name, "about:blank")
    assert bool(told.get("problems")) is (code == 422)


@pytest.mark.parametrize(
    "path",
    [API, f"{API}/{ID}", "/casting-calls/feed.atom", "/casting-calls/deadlines.ics", "/sitemap.xml", "/robots.txt"],
)
async def test_whoever_has_an_answer_gets_it_once_until_it_changes(
    house: House, client: httpx.AsyncClient, path: str
) -> None:
    call = await published(house, deadline="2026-12-01")
    first = await client.get(path)
    tag = first.headers["etag"]
    assert first.headers["access-control-allow-origin"] == "*"
    again = await client.get(path, headers={"if-none-match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    if path != "/robots.txt":
        changed = call.fields.model_copy(update={"title": "عنوان آخر"})
        await house.desk.edit(ID, call.version, changed, "sara")
        assert (await client.get(path, headers={"if-none-match": tag})).status_code == 200


async def test_changes_and_losses_come_on_the_same_pages_in_their_order(
    house: House, client: httpx.AsyncClient
) -> None:
    calls = [await published(house, f"m{number}") for number in range(9)]
    since = house.clock().isoformat()
    for call in calls[:8]:
        if call.id in {calls[number].id for number in (1, 4, 5)}:
            await house.desk.withdraw(call.id, 2, None, "sara")
        else:
            await house.desk.edit(call.id, 2, call.fields.model_copy(update={"title": "آخر"}), "sara")
    open_ones, gone, cursor = [], [], None
    for _ in range(3):
        params = {"updated_since": since, "limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(API, params=params)).json()
        assert len(page["items"]) + len(page["gone"]) <= 3
        open_ones += [item["id"] for item in page["items"]]
        gone += [item["id"] for item in page["gone"]]
        cursor = page["next"]
    assert cursor is None
    assert open_ones == [calls[number].id for number in (0, 2, 3, 6, 7)]
    assert gone == [calls[number].id for number in (1, 4, 5)]


@pytest.mark.parametrize("language", ["ar", "en"])
async def test_the_atom_feed_is_read_by_another_library(house: House, client: httpx.AsyncClient, language: str) -> None:
    await published(house, title="<b>دور</b> & \x0b more")
    await published(house, "m2", title="Second", project_type="commercial")
    answer = await client.get(f"/casting-calls/feed.atom?lang={language}")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert answer.headers["vary"] == "cookie, accept-language, Accept-Encoding"
    feed = feedparser.parse(answer.content)
    assert (feed.bozo, feed.version) == (False, "atom10")
    assert [entry.link.rsplit("/", 1)[-1] for entry in feed.entries] == [call_id("m2"), ID]
    assert feed.entries[0].id == f"http://desk.test/casting-calls/{call_id('m2')}"
    assert feed.entries[0].tags[0].term == "commercial"
    assert b"\x0b" not in answer.content
    assert feed.feed.updated_parsed[:3] == START.timetuple()[:3]
    narrowed = feedparser.parse((await client.get("/casting-calls/feed.atom?type=commercial")).content)
    assert len(narrowed.entries) == 1


async def test_an_empty_feed_is_a_feed(client: httpx.AsyncClient) -> None:
    feed = feedparser.parse((await client.get("/casting-calls/feed.atom")).content)
    assert (feed.bozo, feed.entries) == (False, [])
    assert icalendar.Calendar.from_ical((await client.get("/casting-calls/deadlines.ics")).content).events == []


async def test_the_calendar_is_read_by_another_library_and_cancels_what_was_withdrawn(
    house: House, client: httpx.AsyncClient
) -> None:
    title = "ممثلة; أم, بدوية \\ " + "طويل جدا " * 20
    await published(house, title=title, deadline="2026-12-01")
    await published(house, "m2")  # no deadline, no event
    gone = await published(house, "m3", deadline="2026-12-05")
    await house.desk.withdraw(gone.id, gone.version, None, "sara")
    answer = await client.get("/casting-calls/deadlines.ics?lang=ar")
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    events = {str(event["UID"]): event for event in icalendar.Calendar.from_ical(answer.content).events}
    assert set(events) == {f"{ID}@casting-calls.takeone", f"{gone.id}@casting-calls.takeone"}
    event = events[f"{ID}@casting-calls.takeone"]
    assert str(event["SUMMARY"]).endswith(title.strip())
    assert (event.start.isoformat(), event.end.isoformat(), event["STATUS"]) == (
        "2026-12-01",
        "2026-12-02",
        "CONFIRMED",
    )
    assert (
        events[f"{gone.id}@casting-calls.takeone"]["STATUS"],
        events[f"{gone.id}@casting-calls.takeone"]["SEQUENCE"],
    ) == (
        "CANCELLED",
        2,
    )


async def test_search_engines_find_every_open_call_and_nothing_of_the_desk(
    house: House, client: httpx.AsyncClient
) -> None:
    await published(house)
    await queued(house, "waiting")
    text = (await client.get("/sitemap.xml")).text
    assert re.findall(r"<loc>([^<]+)</loc>", text) == [
        "http://desk.test/casting-calls",
        f"http://desk.test/casting-calls/{ID}",
    ]
    assert "<lastmod>2026-11-20T" in text
    rules = (await client.get("/robots.txt")).text
    assert "Disallow: /review" in rules
    assert "Sitemap: http://desk.test/sitemap.xml" in rules


async def test_nothing_of_the_message_is_in_any_form_of_the_feed(house: House, client: httpx.AsyncClient) -> None:
    await published(house, text="مطلوب ممثل سري جدا", deadline="2026-12-01")
    for path in ("/casting-calls/feed.atom", "/casting-calls/deadlines.ics", "/sitemap.xml", f"/casting-calls/{ID}"):
        text = (await client.get(path)).text
        assert "سري" not in text
        assert "@g.us" not in text
