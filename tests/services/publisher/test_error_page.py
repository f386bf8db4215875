"""The page of an error over HTTP: true words for each kind, and a way on."""

from __future__ import annotations

import re

import httpx
import pytest

from services.publisher.logic import Reason
from shared.errors import Unavailable
from tests.services.publisher.house import House, plain, queued


async def test_a_form_that_is_too_old_says_that_nothing_was_changed(house: House, desk: httpx.AsyncClient) -> None:
    call = await queued(house)
    desk.headers["x-csrf-token"] = "of yesterday"
    answer = await desk.post(f"/review/{call.id}", data={"action": "approve", "version": call.version})
    assert answer.status_code == 403
    assert "Nothing was changed: the page was open for too long" in plain(answer)
    assert "To the review desk" in plain(answer)
    assert (await house.call(call.id)).version == call.version


async def test_a_request_that_does_not_fit_is_not_called_an_error_of_ours(desk: httpx.AsyncClient) -> None:
    answer = await desk.put("/review/paste")
    assert answer.status_code == 405
    assert "Nothing was changed" in plain(answer)
    assert "error of ours" not in plain(answer)


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_what_was_sent_while_something_is_away_is_not_sent_again_by_a_link(
    house: House, desk: httpx.AsyncClient, language: str
) -> None:
    call = await queued(house)

    async def away(*_args: object) -> None:
        raise Unavailable("the database does not answer")

    house.calls.get = away  # type: ignore[method-assign, assignment]
    url = f"/review/{call.id}/reject"
    values = {"version": call.version, "reason": str(Reason.OTHER)}
    answer = await desk.post(url, data=values, headers={"accept-language": language})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    text = plain(answer)
    assert ("look whether what you sent was taken" if language == "en" else "تحقق هل وصل ما أرسلته") in text
    assert f'href="{url}' not in answer.text


@pytest.mark.parametrize("path", ["//elsewhere.example/page", "/%5Celsewhere.example", "/%09/elsewhere.example"])
async def test_an_address_that_looks_like_another_site_is_no_link(
    house: House, desk: httpx.AsyncClient, path: str
) -> None:
    def away() -> None:
        raise Unavailable("the database does not answer")

    house.app.add_api_route("/{rest:path}", away)
    answer = await desk.get(f"http://desk.test{path}")
    assert answer.status_code == 503
    assert "elsewhere.example" in answer.text
    assert re.search(r'href="[\s\\/]*[/\\][\s]*[/\\]', answer.text) is None


async def test_the_slower_of_two_reviewers_does_not_undo_what_they_had_not_touched(
    house: House, desk: httpx.AsyncClient
) -> None:
    call = await queued(house)
    theirs = call.fields.model_copy(update={"location_city": "Jeddah"})
    await house.desk.edit(call.id, call.version, theirs, "boss")
    typed = {"title": "عنوان سارة", "project_type": "film", "location_city": "Riyadh", "language": "ar"}
    answer = await desk.post(
        f"/review/{call.id}", data=typed | {"action": "approve", "version": call.version, "compensation-kind": "paid"}
    )
    assert answer.status_code == 409
    assert 'name="location_city" value="Jeddah"' in answer.text
    assert 'name="title" value="عنوان سارة"' in answer.text
    assert (await house.call(call.id)).fields.title == call.fields.title
