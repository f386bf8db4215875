"""The page of the dead letters over HTTP: what it shows, what it does, and for whom."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.publisher.web.words import LANGUAGES, Words
from shared.contracts.pipeline import DeadLetter
from shared.errors import Unavailable
from shared.storage.dead_letters import LetterFilter, Outcome
from tests.services.publisher.house import GROUP, START, House, plain

DEAD = "/admin/dead"
_REASON = re.compile(r'(?:reason=|Broken\(|Dead\()"(\w+)"')
HOSTILE = '<script>alert(1)</script>"\u202e {{ 7*7 }}'


async def dead(house: House, number: int = 1, **values: Any) -> str:
    """A letter of the extractor's; its id."""
    defaults: dict[str, Any] = {
        "stage": "extractor",
        "reason": "model_refused",
        "detail": "the model refuses",
        "stack": "Traceback\n  File x, line 1",
        "payload": f'{{"message":{{"group":{{"id":"{GROUP.id}"}},"text":"مطلوب"}}}}',
        "message_id": f"m{number}",
        "failed_at": START + timedelta(minutes=number),
        "deliveries": 3,
    }
    letter = DeadLetter(
        event_id=f"dead:extractor:CANDIDATES:{number}",
        subject="candidates",
        stream="CANDIDATES",
        sequence=number,
        **(defaults | values),
    )
    await house.dead_letters.add(letter)
    return letter.event_id


def place(id: str) -> str:
    return f"{DEAD}/letters/{id}"


@pytest.mark.parametrize("path", [DEAD, place("dead:extractor:CANDIDATES:1")])
async def test_the_pages_are_for_admins(house: House, desk: httpx.AsyncClient, path: str) -> None:
    await dead(house)
    assert (await desk.get(path)).status_code == 403


@pytest.mark.parametrize("what", ["replay", "drop"])
async def test_a_write_needs_an_admin_and_the_token_of_the_page(
    house: House, boss: httpx.AsyncClient, what: str
) -> None:
    id = await dead(house)
    del boss.headers["x-csrf-token"]
    assert (await boss.post(f"{DEAD}/{what}", data={"id": id})).status_code == 403
    assert house.resender.messages == []
    assert await house.dead_letters.count_open() == 1


async def test_an_empty_house_says_so(boss: httpx.AsyncClient) -> None:
    text = plain(await boss.get(DEAD))
    assert "No dead letters" in text
    assert "Everything that came in could be handled." in text
    assert "No such letters" in plain(await boss.get(f"{DEAD}?stage=filter"))


async def test_letters_are_listed_by_what_is_asked_for(house: House, boss: httpx.AsyncClient) -> None:
    await dead(house, 1)
    await dead(house, 2, reason="too_large")
    await dead(house, 3, stage="filter", failed_at=START - timedelta(days=3))
    text = plain(await boss.get(DEAD))
    assert "3 letters" in text
    for query, number in (
        ("reason=too_large", 2),
        ("stage=filter", 3),
        ("message=m1", 1),
        ("since=2026-11-20&reason=too_large", 2),
        ("until=2026-11-19", 3),
    ):
        text = plain(await boss.get(f"{DEAD}?{query}"))
        assert "1 letter" in text, query
        assert f"dead:extractor:CANDIDATES:{number}" in text, query
    assert "3 letters" in plain(await boss.get(f"{DEAD}?group={GROUP.id}&since=nonsense&page=-7"))


async def test_there_are_pages(house: House, boss: httpx.AsyncClient) -> None:
    for number in range(120):
        await dead(house, number)
    first, last = plain(await boss.get(DEAD)), plain(await boss.get(f"{DEAD}?page=999"))
    assert "Page 1 of 3" in first
    assert "Page 3 of 3" in last
    assert "dead:extractor:CANDIDATES:119" in first
    assert "dead:extractor:CANDIDATES:0" in last


async def test_one_letter_shows_payload_reason_stage_stack_and_how_often(house: House, boss: httpx.AsyncClient) -> None:
    id = await dead(house)
    await dead(house, 2)
    page = await boss.get(place(id))
    text = plain(page)
    for said in ("model_refused", "the model refuses", "Extractor", "Deliveries 3", "File x, line 1", "مطلوب"):
        assert said in text, said
    assert "Open with this reason 2" in text
    assert (await boss.get(place("nothing"))).status_code == 404


def test_every_reason_that_the_stages_name_has_words() -> None:
    sources = (*Path("services/receiver").glob("*.py"), *Path("services/filter").glob("*.py"))
    sources += (*Path("services/extractor").glob("*.py"), *Path("shared/whapi").glob("wire*.py"))
    sources += (*Path("shared/broker").glob("*.py"), Path("shared/contracts/base.py"))
    named = {one for path in sources for one in _REASON.findall(path.read_text(encoding="utf-8"))}
    assert {"broken_json", "kills_worker", "unexpected", "model_refused", "bad_id"} <= named
    for language in LANGUAGES:
        words = Words(language)
        assert not [reason for reason in named if not words.has(f"dead.reason.{reason}")], language


async def test_a_reason_is_said_in_words_and_its_code_stands_beside(house: House, boss: httpx.AsyncClient) -> None:
    id = await dead(house, reason="too_large")
    assert "Larger than the broker takes" in plain(await boss.get(DEAD))
    assert "Larger than the broker takes too_large" in plain(await boss.get(place(id)))


async def test_what_a_letter_holds_stays_text(house: House, boss: httpx.AsyncClient) -> None:
    id = await dead(house, payload=HOSTILE, detail=HOSTILE, reason=HOSTILE[:40], stack=HOSTILE, message_id=HOSTILE)
    for path in (DEAD, place(id)):
        page = await boss.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "{{ 7*7 }}" in page.text


async def test_one_letter_is_sent_on_at_once_and_the_audit_says_by_whom(house: House, boss: httpx.AsyncClient) -> None:
    id = await dead(house)
    answer = await boss.post(f"{DEAD}/replay", data={"id": id})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{DEAD}?did=replayed")
    [(subject, *_)] = house.resender.messages
    assert subject == "candidates"
    text = plain(await boss.get(answer.headers["location"]))
    assert "Sent on again." in text
    assert f"boss sent on again: {id}" in text
    again = await boss.post(f"{DEAD}/replay", data={"id": id})
    assert again.headers["location"].endswith("did=settled")
    assert len(house.resender.messages) == 1
    assert "Sent on again" in plain(await boss.get(f"{DEAD}?outcome=replayed"))


async def test_what_cannot_be_sent_says_why_and_stays_open(house: House, boss: httpx.AsyncClient) -> None:
    id = await dead(house, stage="receiver", reason="x")
    house.dead_letters._letters.clear()
    letter = DeadLetter(
        event_id="dead:receiver:1", stage="receiver", reason="x", subject="webhooks", payload="{", failed_at=START
    )
    await house.dead_letters.add(letter)
    answer = await boss.post(f"{DEAD}/replay", data={"id": letter.event_id})
    assert answer.status_code == 409
    assert "It still cannot be read" in plain(answer)
    house.resender.error = Unavailable("away")
    id = await dead(house)
    assert (await boss.post(f"{DEAD}/replay", data={"id": id})).status_code == 503
    assert await house.dead_letters.count_open() == 2


async def test_all_that_match_are_sent_in_the_background(
    house: House, boss: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.publisher.web.dead_page.RATE", 10_000.0)
    for number in range(1, 6):
        await dead(house, number, reason="model_refused" if number < 5 else "too_large")
    answer = await boss.post(f"{DEAD}/replay", data={"all": "yes", "reason": "model_refused"})
    assert answer.headers["location"] == f"{DEAD}?reason=model_refused&did=begun"
    async with asyncio.timeout(10):
        while house.office.replays.running:
            await asyncio.sleep(0)
    assert [headers_id for *_, headers_id in house.resender.messages] == [
        f"replay:dead:extractor:CANDIDATES:{number}" for number in range(1, 5)
    ]
    assert "The last run sent 4 of 4" in plain(await boss.get(DEAD))
    assert await house.dead_letters.count_open() == 1


async def test_a_second_run_waits_for_the_first_and_the_end_of_the_process_ends_it(
    house: House, boss: httpx.AsyncClient
) -> None:
    for number in range(1, 6):
        await dead(house, number)
    data = {"all": "yes"}
    assert (await boss.post(f"{DEAD}/replay", data=data)).headers["location"].endswith("did=begun")
    assert (await boss.post(f"{DEAD}/replay", data=data)).headers["location"].endswith("did=busy")
    assert "Sending: " in plain(await boss.get(DEAD))
    await house.office.replays.close()
    assert not house.office.replays.running
    assert await house.dead_letters.count_open() >= 1


async def test_dropped_letters_are_closed(house: House, boss: httpx.AsyncClient) -> None:
    ids = [await dead(house, number) for number in range(1, 4)]
    answer = await boss.post(f"{DEAD}/drop", data={"id": ids[:2], "stage": "extractor"})
    assert answer.headers["location"] == f"{DEAD}?stage=extractor&did=dropped"
    assert await house.dead_letters.count(LetterFilter(outcome=Outcome.DROPPED)) == 2
    assert house.resender.messages == []
    assert (await boss.post(f"{DEAD}/drop", data={})).headers["location"].endswith("did=none")


async def test_the_page_speaks_both_languages(house: House, boss: httpx.AsyncClient) -> None:
    id = await dead(house)
    for path, said in ((DEAD, "الرسائل المتعثرة"), (place(id), "أعد إرسالها")):
        text = (await boss.get(f"{path}?lang=ar")).text
        assert said in text
        assert "dead." not in plain(await boss.get(f"{path}?lang=ar")).replace(id, "").replace("dead:", "")
