"""The admins' page of the groups."""

from __future__ import annotations

import re

import httpx
import pytest

from shared.storage.sources import SourceStatus
from tests.services.publisher.busy import LIVELY, NEW, furnish
from tests.services.publisher.house import House, plain

HOSTILE = '<script>alert(1)</script>"\u202egnp.exe {{ 7*7 }}'


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
