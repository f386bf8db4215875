"""The desk and the feed as a program sees them."""

from __future__ import annotations

import httpx

from shared.contracts.ids import call_id
from shared.contracts.pipeline import ApprovedCall, Change
from shared.errors import Unavailable
from shared.storage.calls import Call, Status
from tests.services.publisher.house import House, queued

ID = call_id("m1")


async def test_the_queue_lists_filters_searches_and_pages(house: House, desk: httpx.AsyncClient) -> None:
    for number in range(5):
        await queued(house, f"m{number}", title=f"دور رقم {number}")
    await queued(house, "other", title="أُستاذ لغة", text="نبحث عن أستاذ")
    page = (await desk.get("/api/v1/calls", params={"limit": 4})).json()
    assert (page["total"], len(page["items"])) == (6, 4)
    rest = (await desk.get("/api/v1/calls", params={"limit": 4, "cursor": page["next"]})).json()
    assert (len(rest["items"]), rest["next"]) == (2, None)
    assert len({item["id"] for item in page["items"] + rest["items"]}) == 6
    hit = (await desk.get("/api/v1/calls", params={"q": "استاذ"})).json()
    assert [item["title"] for item in hit["items"]] == ["أُستاذ لغة"]
    assert (await desk.get("/api/v1/calls", params={"group": "none@g.us"})).json()["total"] == 0
    bad = await desk.get("/api/v1/calls", params={"cursor": "nonsense"})
    assert (bad.status_code, bad.json()["error"]["problems"][0]["path"]) == (422, "cursor")


async def test_one_call_is_shown_with_its_message_and_its_ledger_entry(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    shown = (await desk.get(f"/api/v1/calls/{ID}")).json()
    assert shown["message"]["text"].startswith("مطلوب ممثل")
    assert shown["ledger"]["state"] == "call"
    assert shown["history"][0]["action"] == "queued"
    assert (await desk.get("/api/v1/calls/none")).status_code == 404


async def test_an_edit_names_each_wrong_field(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    fields = {
        "roles": [{"name": "أب"}, {"name": "ابن", "age_min": 30, "age_max": 20}],
        "contacts": [{"kind": "phone", "value": "123"}],
        "deadline": "soon",
    }
    answer = await desk.patch(f"/api/v1/calls/{ID}", json={"version": 1, "fields": fields})
    assert answer.status_code == 422
    problems = {item["path"]: item["code"] for item in answer.json()["error"]["problems"]}
    assert problems["roles.1"] == "age_min_is_above_age_max"
    assert set(problems) == {"roles.1", "contacts.0", "deadline"}
    unknown = await desk.patch(f"/api/v1/calls/{ID}", json={"version": 1, "fields": {"status": "approved"}})
    assert unknown.json()["error"]["problems"][0]["code"] == "unknown_field"
    assert (await house.call(ID)).version == 1


async def test_a_decision_cannot_smuggle_in_other_values(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    sent = {"version": 1, "actor": "boss", "revision": 9}
    assert (await desk.post(f"/api/v1/calls/{ID}/approve", json=sent)).status_code == 422
    assert (await house.call(ID)).status is Status.PENDING


async def test_a_stale_decision_gets_the_current_call_back(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    edited = await desk.patch(f"/api/v1/calls/{ID}", json={"version": 1, "fields": {"deadline": "2026-12-01"}})
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    answer = await desk.post(f"/api/v1/calls/{ID}/approve", json={"version": 1})
    assert answer.status_code == 409
    trouble = answer.json()["error"]
    assert (trouble["code"], trouble["current"]["fields"]["deadline"]) == ("conflict", "2026-12-01")
    assert (await desk.post(f"/api/v1/calls/{ID}/withdraw", json={"version": 2})).json()["error"][
        "code"
    ] == "not_allowed"


async def test_the_whole_life_of_a_call_by_api(house: House, desk: httpx.AsyncClient) -> None:
    await queued(house)
    steps = (
        ("approve", {"version": 1, "fields": {"deadline": "2026-12-01"}}),
        ("withdraw", {"version": 2, "note": "asked to"}),
        ("reopen", {"version": 3}),
        ("reject", {"version": 4, "reason": "suspicious", "note": "fee"}),
        ("reopen", {"version": 5}),
        ("approve", {"version": 6}),
    )
    states = []
    for action, body in steps:
        answer = await desk.post(f"/api/v1/calls/{ID}/{action}", json=body)
        assert answer.status_code == 200, answer.text
        states.append(answer.json()["status"])
    assert states == ["approved", "withdrawn", "pending", "rejected", "pending", "approved"]
    events = [event for event in (await house.call(ID)).unsent if isinstance(event, ApprovedCall)]
    assert [event.type for event in events] == [Change.APPROVED, Change.WITHDRAWN, Change.APPROVED]
    assert all(line.actor == "sara" for line in (await house.call(ID)).history[1:])


async def test_decided_calls_are_listed_latest_first(house: House, desk: httpx.AsyncClient) -> None:
    for number in range(3):
        await queued(house, f"m{number}")
        sent = {"version": 1, "reason": "duplicate"}
        await desk.post(f"/api/v1/calls/{call_id(f'm{number}')}/reject", json=sent)
    first = (await desk.get("/api/v1/calls", params={"status": "rejected", "limit": 2})).json()
    assert [item["id"] for item in first["items"]] == [call_id("m2"), call_id("m1")]
    rest = (await desk.get("/api/v1/calls", params={"status": "rejected", "cursor": first["next"]})).json()
    assert [item["id"] for item in rest["items"]] == [call_id("m0")]


async def test_the_api_describes_itself(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    assert "/api/v1/calls/{id}/approve" in paths
    assert "/api/v1/casting-calls" in paths
    assert all(path.startswith("/api/") for path in paths)


async def test_while_the_database_is_away_the_answer_says_so(house: House, desk: httpx.AsyncClient) -> None:
    async def away(id: str) -> Call | None:
        raise Unavailable("database is away")

    house.calls.get = away  # type: ignore[method-assign]
    answer = await desk.get(f"/api/v1/calls/{ID}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    page = await desk.get(f"/review/{ID}")
    assert page.status_code == 503
    assert "Nothing is lost" in page.text


async def test_the_feed_shows_what_is_approved_and_open(house: House, client: httpx.AsyncClient) -> None:
    await queued(house)
    await queued(house, "waiting")
    await queued(house, "closed", deadline="2026-11-19")
    for message_id in ("m1", "closed"):
        await house.desk.approve(call_id(message_id), 1, "sara")
    page = (await client.get("/api/v1/casting-calls")).json()
    assert [item["id"] for item in page["items"]] == [ID]
    assert page["items"][0]["url"] == f"http://desk.test/casting-calls/{ID}"
    html = await client.get("/casting-calls")
    assert "ممثل لفيلم قصير" in html.text
    assert "set-cookie" not in html.headers
    assert (await client.get(f"/casting-calls/{ID}")).status_code == 200
    for hidden, code in (("waiting", 404), ("closed", 410)):
        assert (await client.get(f"/casting-calls/{call_id(hidden)}")).status_code == code
        assert (await client.get(f"/api/v1/casting-calls/{call_id(hidden)}")).status_code == code


async def test_the_feed_never_shows_the_message_or_who_wrote_it(house: House, client: httpx.AsyncClient) -> None:
    await queued(house, text="مطلوب ممثل سري جدا")
    await house.desk.approve(ID, 1, "sara")
    for path in ("/casting-calls", f"/casting-calls/{ID}", "/api/v1/casting-calls"):
        text = (await client.get(path)).text
        assert "سري" not in text
        assert "@g.us" not in text


async def test_a_consumer_that_polls_sees_each_change_and_what_is_gone(house: House, client: httpx.AsyncClient) -> None:
    for number in range(3):
        await queued(house, f"m{number}")
        await house.desk.approve(call_id(f"m{number}"), 1, "sara")
    since = house.clock().isoformat()
    await house.desk.withdraw(call_id("m0"), 2, None, "sara")
    fields = (await house.call(call_id("m1"))).fields.model_copy(update={"title": "ممثل رئيسي"})
    await house.desk.edit(call_id("m1"), 2, fields, "sara")
    page = (await client.get("/api/v1/casting-calls", params={"updated_since": since})).json()
    assert [(item["id"], item["revision"]) for item in page["items"]] == [(call_id("m1"), 2)]
    assert [(item["id"], item["status"]) for item in page["gone"]] == [(call_id("m0"), "withdrawn")]


async def test_the_feed_pages_without_losing_or_doubling(house: House, client: httpx.AsyncClient) -> None:
    for number in range(7):
        await queued(house, f"m{number}")
        await house.desk.approve(call_id(f"m{number}"), 1, "sara")
    for extra in ({}, {"updated_since": "2026-01-01T00:00:00Z"}):
        seen: list[str] = []
        cursor = None
        while True:
            params = {"limit": "3", **extra} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/api/v1/casting-calls", params=params)).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 7
