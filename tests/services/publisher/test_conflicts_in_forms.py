"""Two reviewers on one call, by form: whose values stand, and that nobody's work is undone unseen."""

from __future__ import annotations

from typing import Any

import httpx

from shared.contracts.calls import CastingCall
from shared.contracts.ids import call_id
from shared.storage.calls import Call, Status
from tests.services.publisher.house import House, plain, queued
from tests.services.publisher.test_publisher_forms import fields_in

ID = call_id("m1")
ROLES = [{"name": "أب", "age_min": 40}, {"name": "أم"}, {"name": "ابن"}]
CONTACTS = [{"kind": "whatsapp", "value": "+966500000172"}]


async def opened(house: House, desk: httpx.AsyncClient) -> dict[str, str]:
    """The edit form of a call with rows, as it was before anybody else was here."""
    await queued(house, roles=ROLES, contacts=CONTACTS)
    return fields_in((await desk.get(f"/review/{ID}")).text, "edit")


async def other_saves(house: House, **fields: Any) -> Call:
    """Another reviewer's change."""
    call = await house.call(ID)
    values = call.fields.model_dump(mode="json") | fields
    return await house.desk.edit(ID, call.version, CastingCall.model_validate(values), "omar")


async def test_a_refused_form_is_still_about_the_version_that_it_was_typed_over(
    house: House, desk: httpx.AsyncClient
) -> None:
    form = await opened(house, desk)
    await other_saves(house, title="عنوان عمر")
    wrong = await desk.post(f"/review/{ID}", data=form | {"deadline": "soon", "action": "approve"})
    assert wrong.status_code == 422
    mended = fields_in(wrong.text, "edit") | {"deadline": "2026-12-01"}
    answer = await desk.post(f"/review/{ID}", data=mended | {"action": "approve"})
    assert answer.status_code == 409
    assert "عنوان عمر" in answer.text
    assert (await house.call(ID)).status is Status.PENDING


async def test_adding_a_row_does_not_take_another_reviewers_change_back(house: House, desk: httpx.AsyncClient) -> None:
    form = await opened(house, desk)
    await other_saves(house, title="عنوان عمر")
    more = fields_in((await desk.post(f"/review/{ID}", data=form | {"action": "add:contacts"})).text, "edit")
    answer = await desk.post(f"/review/{ID}", data=more | {"action": "approve"})
    assert answer.status_code == 409
    assert fields_in(answer.text, "edit")["title"] == "عنوان عمر"


async def test_rows_that_one_had_left_alone_stand_as_another_has_them_now(
    house: House, desk: httpx.AsyncClient
) -> None:
    form = await opened(house, desk) | {"title": "عنواني"}
    await other_saves(house, roles=[{"name": "أم"}, {"name": "جد", "age_min": 70}])
    answer = await desk.post(f"/review/{ID}", data=form | {"action": "approve"})
    assert answer.status_code == 409
    again = fields_in(answer.text, "edit")
    assert (again["title"], again["roles-0-name"], again["roles-1-name"]) == ("عنواني", "أم", "جد")
    assert (await desk.post(f"/review/{ID}", data=again | {"action": "approve"})).status_code == 303
    fields = (await house.call(ID)).fields
    assert [role.name for role in fields.roles] == ["أم", "جد"]


async def test_rows_that_both_have_changed_are_shown_and_the_others_are_taken_at_a_word(
    house: House, desk: httpx.AsyncClient
) -> None:
    form = await opened(house, desk) | {"title": "عنواني", "roles-0-age_min": "45"}
    await other_saves(house, roles=[{"name": "جد", "age_min": 70}])
    answer = await desk.post(f"/review/{ID}", data=form | {"action": "approve"})
    assert answer.status_code == 409
    told = plain(answer)
    assert all(row in told for row in ("جد, 70 years and above", "أب, 45 years and above", "ابن"))
    again = fields_in(answer.text, "edit")
    assert (again["title"], again["roles-0-name"], again["roles-0-age_min"]) == ("عنواني", "أب", "45")
    taken = await desk.post(f"/review/{ID}", data=again | {"action": "theirs:roles"})
    assert taken.status_code == 200
    assert "theirs:roles" not in taken.text
    assert "theirs:title" in taken.text
    kept = fields_in(taken.text, "edit")
    assert (kept["title"], kept["roles-0-name"], kept["version"]) == ("عنواني", "جد", "2")
    assert (await desk.post(f"/review/{ID}", data=kept | {"action": "approve"})).status_code == 303
    fields = (await house.call(ID)).fields
    assert (fields.title, [role.name for role in fields.roles]) == ("عنواني", ["جد"])


async def test_all_that_happened_meanwhile_is_told(house: House, desk: httpx.AsyncClient) -> None:
    form = await opened(house, desk) | {"title": "عنواني"}
    await other_saves(house, title="عنوان عمر")
    await other_saves(house, location_city="Jeddah")
    told = plain(await desk.post(f"/review/{ID}", data=form | {"action": "approve"}))
    assert "عنوان عمر" in told
    assert "Jeddah" in told
    stale = await desk.post(f"/review/{ID}/reject", data={"version": "1", "reason": "over"})
    assert stale.status_code == 409
    assert "عنوان عمر" in plain(stale).split("Fields")[0].split("Original message")[0]


async def test_removing_a_row_that_was_left_empty_removes_no_other(house: House, desk: httpx.AsyncClient) -> None:
    form = await opened(house, desk)
    form |= {"contacts-0-value": "", "contacts-1-kind": "email", "contacts-1-value": "a@example.com"}
    answer = await desk.post(f"/review/{ID}", data=form | {"action": "remove:contacts:0"})
    assert fields_in(answer.text, "edit")["contacts-0-value"] == "a@example.com"
