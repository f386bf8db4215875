"""False positives by group and over time, as the status page plots them."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from services.publisher.logic import local_day
from services.publisher.overview.outcomes import Judged, Outcome, judged_over
from services.publisher.overview.picture import picture_of
from shared.storage.calls import Status
from tests.services.publisher.busy import LIVELY, SLOW, furnish
from tests.services.publisher.house import START, House, sign_in

STATUS = "/admin/digital-twin-status"
FIRST = local_day(START) - timedelta(days=29)


def outcome(days: int, *, false: bool, check: bool = False) -> Outcome:
    status, reason = (Status.REJECTED, "not_a_call") if false else (Status.APPROVED, None)
    return Outcome(1, "g@g.us", status, reason, check, FIRST + timedelta(days=days), 30.0)


def test_each_spell_counts_its_own_days_alone() -> None:
    rows = [outcome(0, false=True), outcome(2, false=False), outcome(3, false=False), outcome(29, false=True)]
    spells = judged_over([*rows, outcome(3, false=True, check=True), outcome(-1, false=True)], FIRST, 30, 10)
    assert (spells[0], spells[1], spells[9]) == (Judged(2, 1), Judged(1, 0), Judged(1, 1))
    assert set(spells[2:9]) == {Judged()}


async def test_the_group_with_the_most_false_ones_is_first(house: House) -> None:
    await furnish(house)
    blamed = picture_of(house.office.board).blamed
    assert {group.source.id for group in blamed} == {LIVELY.id, SLOW.id}
    assert [group.judged.false for group in blamed] == sorted((group.judged.false for group in blamed), reverse=True)
    for group in blamed:
        assert sum(spell.judged for spell in group.judged_over) == group.judged.judged > 0
        assert sum(spell.false for spell in group.judged_over) == group.judged.false > 0


@pytest.mark.parametrize(("language", "title"), [("en", "False positives by group"), ("ar", "الإنذارات الخاطئة")])
async def test_the_page_draws_them(house: House, client: httpx.AsyncClient, language: str, title: str) -> None:
    await furnish(house)
    await sign_in(client, "boss")
    page = (await client.get(f"{STATUS}?lang={language}")).text
    [section] = re.findall(r'<section class="card" data-part="false".*?</section>', page, re.DOTALL)
    assert title in section
    [first, *_] = picture_of(house.office.board).blamed
    assert f"{first.judged.false}/{first.judged.judged}" in section
    assert f'width="{100 * (first.judged.rate or 0):.1f}"' in section


async def test_without_a_judged_call_there_is_nothing_to_draw(house: House, client: httpx.AsyncClient) -> None:
    await house.counted()
    await sign_in(client, "boss")
    assert 'data-part="false"' not in (await client.get(STATUS)).text
