"""The desk's list in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.publisher.backlog import Backlog
from services.publisher.filters import Filter, Sort
from services.publisher.logic import received
from shared.errors import Unavailable
from shared.storage.calls import Status, Summary, summary_of
from shared.storage.memory.calls import MemoryCalls
from tests.services.publisher.house import extracted

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def row(name: str, *, minutes: int = 0, version: int = 1, **values: object) -> Summary:
    made = summary_of(received(extracted(name), NOW))
    return replace(made, id=name, version=version, sent_at=NOW + timedelta(minutes=minutes), **values)  # type: ignore[arg-type]


def backlog(*rows: Summary) -> Backlog:
    made = Backlog(MemoryCalls(), lambda: NOW)
    for item in rows:
        made.put(item)
    return made


def test_an_older_version_never_replaces_a_newer_one() -> None:
    held = backlog(row("a", version=3, title="new"), row("a", version=2, title="old"))
    assert [item.title for item in held.page(Filter()).rows] == ["new"]


def test_a_decided_call_leaves_and_an_approved_one_moves() -> None:
    held = backlog(row("a"), row("b"))
    held.put(row("a", version=2, status=Status.REJECTED))
    held.put(row("b", version=2, status=Status.APPROVED))
    assert held.counts() == {"pending": 0, "approved": 1}


def test_every_filter_narrows() -> None:
    held = backlog(
        row("a", group_id="g1", city="Riyadh", project_type="film", language="ar", flags=("scam:fee",), confidence=0.3),
        row("b", minutes=-90, group_id="g2", city="Jeddah", project_type="series", language="en", confidence=0.9),
    )
    for wanted in (
        Filter(group="g1"),
        Filter(city="Riyadh"),
        Filter(project_type="film"),
        Filter(language="ar"),
        Filter(flag="scam"),
        Filter(confidence="low"),
        Filter(age="hour"),
    ):
        assert [item.id for item in held.page(wanted).rows] == ["a"]


def test_the_search_ignores_hamza_tashkil_and_digit_forms_and_wants_every_word() -> None:
    from services.publisher.steps import search_text

    event = extracted(text="مُمثّلة إعلان ٢٠٢٦ في الأحساء")
    held = backlog(row("a", search=search_text(event.call, event.message)), row("b", search="other"))
    for query in ("ممثله اعلان", "الاحساء 2026", "إعـــلان"):
        assert [item.id for item in held.page(Filter(q=query)).rows] == ["a"], query
    assert held.page(Filter(q="إعلان missing")).total == 0


def test_the_orders_and_their_pages() -> None:
    held = backlog(
        row("new", minutes=3, confidence=0.9, closes_on=date(2026, 12, 3)),
        row("middle", minutes=2, confidence=0.2),
        row("old", minutes=1, confidence=None, closes_on=date(2026, 12, 1)),
    )
    orders = {
        Sort.NEWEST: ["new", "middle", "old"],
        Sort.OLDEST: ["old", "middle", "new"],
        Sort.UNSURE: ["middle", "new", "old"],
        Sort.CLOSING: ["old", "new", "middle"],
    }
    for sort, order in orders.items():
        wanted, found, cursor = Filter(sort=sort), [], None
        while True:
            page = held.page(wanted, cursor=cursor, limit=1)
            found += [item.id for item in page.rows]
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
        assert found == order, sort
        first = held.get(order[0])
        assert first is not None
        assert held.next_after(wanted, order[0], held.place(first, sort)) == order[1]


def test_calls_that_others_look_at_are_passed_over_while_there_are_others() -> None:
    held = backlog(row("new", minutes=3), row("middle", minutes=2), row("old", minutes=1))
    place = held.page(Filter(), limit=1).next_cursor
    assert held.first(Filter(), without={"new"}) == "middle"
    assert held.first(Filter(), without={"new", "middle", "old"}) == "new"
    assert held.next_after(Filter(), "new", place or "", without={"middle"}) == "old"
    assert held.next_after(Filter(), "new", place or "", without={"middle", "old"}) == "middle"


def test_what_the_list_can_be_narrowed_by_is_counted_and_follows_changes() -> None:
    group: dict[str, Any] = {"group_id": "g1", "group_name": "كاستنج"}
    held = backlog(row("a", **group), row("b", check=True, **group))
    facets = held.facets(Status.PENDING)
    assert facets.groups == [("g1", "كاستنج", 2)]
    assert dict(facets.flags) == {"check": 1}
    held.put(row("b", version=2, status=Status.REJECTED))
    assert held.facets(Status.PENDING).flags == []


def test_after_a_decision_comes_the_next_older_call_and_at_the_end_the_first() -> None:
    held = backlog(row("new", minutes=3), row("middle", minutes=2), row("old", minutes=1))
    place = f"{int((NOW + timedelta(minutes=2)).timestamp() * 1000)}-middle"
    assert held.next_after(Filter(), "middle", place) == "old"
    assert held.next_after(Filter(), "old", f"{int((NOW + timedelta(minutes=1)).timestamp() * 1000)}-old") == "new"
    assert held.next_after(Filter(), "x", "garbage") == "new"
    assert backlog().next_after(Filter(), "x", place) is None


@pytest.mark.parametrize("cursor", ["x", "12", "-", "1e5-a", "9" * 20 + "-a", "²-a"])
def test_a_cursor_of_no_list_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        backlog(row("a")).page(Filter(), cursor=cursor)


async def test_changes_of_other_replicas_are_picked_up() -> None:
    calls, clock = MemoryCalls(), [NOW]
    held = Backlog(calls, lambda: clock[0])
    with pytest.raises(Unavailable):
        await held.ready()
    await held.refresh()
    await held.ready()
    await calls.insert(received(extracted("m1"), NOW + timedelta(seconds=1)))
    clock[0] += timedelta(seconds=2)
    await held.refresh()
    assert held.page(Filter()).total == 1


async def test_a_reload_forgets_what_is_gone_but_not_what_was_put_meanwhile() -> None:
    calls = MemoryCalls()
    held = Backlog(calls, lambda: NOW)
    held.put(replace(row("ghost"), updated_at=NOW - timedelta(hours=1)))
    held.put(replace(row("fresh"), updated_at=NOW))
    await held.reload()
    assert [item.id for item in held.page(Filter()).rows] == ["fresh"]
