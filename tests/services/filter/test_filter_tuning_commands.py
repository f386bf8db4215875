"""What `twin filter` keeps: whole versions, refused before they are kept, none ever overwritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.operator.tuning import made, moved
from shared.errors import Misconfigured
from shared.storage.memory.tunings import MemoryTunings
from shared.storage.tunings import Tuning

FIRST = Tuning(version=1, at=datetime(2026, 11, 20, tzinfo=UTC), by="operator")


async def test_each_change_is_a_new_version_on_top_of_the_one_in_force() -> None:
    store = MemoryTunings()
    await made(store, lambda tuning: replace(tuning, thresholds={"threshold": -2.0}), note="recall")
    second = await made(store, lambda tuning: moved(tuning, "roles", ["بهلوانير"], "added", "removed"), note="a word")
    assert (second.version, second.note) == (2, "a word")
    assert (second.thresholds, second.added) == ({"threshold": -2.0}, {"roles": ("بهلوانير",)})
    first = await store.get(1)
    assert first is not None
    assert first.added == {}


async def test_going_back_makes_a_new_version_of_an_old_one() -> None:
    store = MemoryTunings()
    first = await made(store, lambda tuning: replace(tuning, thresholds={"threshold": -2.0}), note="")
    await made(store, lambda tuning: replace(tuning, thresholds={"threshold": 3.0}), note="too far")
    third = await made(store, lambda _: first, note="back to version 1")
    assert (third.version, third.thresholds) == (3, {"threshold": -2.0})
    assert await store.versions() == [3, 2, 1]


async def test_what_the_filter_could_not_use_is_refused_and_not_kept() -> None:
    store = MemoryTunings()
    with pytest.raises(Misconfigured, match="removed from roles:1"):
        await made(store, lambda tuning: moved(tuning, "roles", ["لا يوجد هنا"], "removed", "added"), note="")
    assert await store.versions() == []


async def test_two_operators_at_once_lose_nothing() -> None:
    class Overtaken(MemoryTunings):
        """Another operator keeps a version just before the first of ours."""

        async def add(self, tuning: Tuning) -> bool:
            if not self.kept:
                self.kept[1] = replace(FIRST, thresholds={"surely": 4.0})
            return await super().add(tuning)

    store = Overtaken()
    mine = await made(
        store, lambda tuning: replace(tuning, thresholds={**tuning.thresholds, "threshold": -2.0}), note=""
    )
    assert (mine.version, mine.thresholds) == (2, {"surely": 4.0, "threshold": -2.0})


def test_an_entry_is_added_or_removed_and_the_opposite_takes_it_back() -> None:
    added = moved(FIRST, "roles", ["x", "y", "x"], "added", "removed")
    assert added.added == {"roles": ("x", "y")}
    less = moved(added, "roles", ["x", "ممثل"], "removed", "added")
    assert (less.added, less.removed) == ({"roles": ("y",)}, {"roles": ("ممثل",)})
    assert moved(moved(less, "roles", ["y"], "removed", "added"), "roles", ["ممثل"], "added", "removed") == FIRST
