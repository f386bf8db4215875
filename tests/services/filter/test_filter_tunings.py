"""The judge that follows the tunings: takes over the newest that is good, keeps the last good one otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.filter.judging import shipped, tuned
from services.filter.logic import Policy
from services.filter.tunings import TunedJudge
from shared.arabic.normalise import fold_text
from shared.contracts.ids import posted_id
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Verdict
from shared.errors import Misconfigured, Unavailable
from shared.observability import metrics
from shared.storage.memory.tunings import MemoryTunings
from shared.storage.tunings import Tuning

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
POLICY = Policy()
TEXT = "نبحث عن بهلوانيرات لتصوير إعلان في جدة"
FIRST = Tuning(version=1, at=NOW, by="operator")


@pytest.fixture(scope="module")
def judging() -> Any:
    return shipped(POLICY)


def _verdict(judge: TunedJudge, text: str = TEXT) -> Verdict:
    message = RawMessage(event_id=posted_id("1"), message_id="1", group=Group(id="1@g.us"), sent_at=NOW, text=text)
    return judge(message, NOW + timedelta(hours=1), fold_text(text))


async def test_added_words_take_effect_without_a_restart_and_the_verdict_names_the_version(judging: Any) -> None:
    store = MemoryTunings()
    judge = TunedJudge(judging, store)
    await judge.refresh()
    before = _verdict(judge)
    assert not any(reason.startswith("tuning:") for reason in before.reasons)
    await store.add(replace(FIRST, added={"roles": ("بهلوانيرات",)}))
    await judge.refresh()
    after = _verdict(judge)
    assert after.score > before.score
    assert after.reasons[-1] == "tuning:1"
    assert metrics.TUNING._value.get() == 1


async def test_thresholds_words_removed_and_a_model_take_effect(judging: Any) -> None:
    call = "مطلوب ممثلين للتقديم على دور في مسلسل، العمر 25-35، واتساب 0500001234"
    store = MemoryTunings()
    judge = TunedJudge(judging, store)
    assert _verdict(judge, call).passed
    await store.add(replace(FIRST, thresholds={"surely": 20, "threshold": 20}))
    await judge.refresh()
    assert _verdict(judge, call).rule == "scored_noise"
    await store.add(replace(FIRST, version=2, removed={"seeking": ("مطلوب",)}))
    await judge.refresh()
    assert "+seeks_people" not in _verdict(judge, call).reasons
    await store.add(replace(FIRST, version=3, model="l seeks_people\t-9\nw ممثلين\t-50\t1\n"))
    await judge.refresh()
    assert not _verdict(judge, call).passed


async def test_going_back_to_what_is_shipped_is_a_version_like_any_other(judging: Any) -> None:
    store = MemoryTunings()
    judge = TunedJudge(judging, store)
    shipped_score = _verdict(judge).score
    await store.add(replace(FIRST, added={"roles": ("بهلوانيرات",)}))
    await judge.refresh()
    await store.add(replace(FIRST, version=2))
    await judge.refresh()
    assert (judge.version, _verdict(judge).score) == (2, shipped_score)


async def test_a_malformed_tuning_is_refused_and_the_last_good_one_stays(judging: Any) -> None:
    store = MemoryTunings()
    await store.add(replace(FIRST, thresholds={"threshold": 1.5}))
    judge = TunedJudge(judging, store)
    await judge.refresh()
    refused = metrics.TUNINGS_REFUSED._value.get()
    await store.add(replace(FIRST, version=2, added={"roles": ("ممثل = heavy",)}))
    with capture_logs() as logs:
        await judge.refresh()
        await judge.refresh()  # it is not looked at twice
    assert judge.version == 1
    assert metrics.TUNINGS_REFUSED._value.get() == refused + 1
    [told] = [entry for entry in logs if entry["event"] == "filter.tuning_refused"]
    assert (told["version"], told["kept"]) == (2, 1)
    assert "added to roles:1" in told["detail"]


async def test_a_filter_that_starts_over_a_malformed_tuning_takes_the_one_before(judging: Any) -> None:
    store = MemoryTunings()
    await store.add(replace(FIRST, thresholds={"threshold": 1.5}))
    await store.add(replace(FIRST, version=2, model="nonsense"))
    judge = TunedJudge(judging, store)
    await judge.refresh()
    assert judge.version == 1


class Away(MemoryTunings):
    """A database that does not answer while it is `away`."""

    away = False

    async def versions(self, *, above: int = 0) -> list[int]:
        if self.away:
            raise Unavailable("the database does not answer")
        return await super().versions(above=above)


async def test_while_the_database_is_away_the_last_tuning_stays_and_the_next_one_is_found_after(judging: Any) -> None:
    store = Away()
    await store.add(FIRST)
    judge = TunedJudge(judging, store)
    await judge.refresh()
    store.away = True
    await store.add(replace(FIRST, version=2))
    with pytest.raises(Unavailable):
        await judge.refresh()
    assert judge.version == 1
    store.away = False
    await judge.refresh()
    assert judge.version == 2


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"thresholds": {"thresold": 1.0}}, "there is no threshold 'thresold'"),
        ({"thresholds": {"share": -1.0}}, "share = -1 is not between 0 and 10"),
        ({"thresholds": {"surely": -5.0}}, "surely_not = -4 is above surely = -5"),
        ({"thresholds": {"threshold": float("nan")}}, "threshold = nan"),
        ({"added": {"rolls": ("x",)}}, "there is no list 'rolls'"),
        ({"added": {"roles": ("ممثل جيد", "؟")}}, "added to roles:2: '؟' is no entry"),
        ({"removed": {"roles": ("لا يوجد هنا",)}}, "removed from roles:1: 'لا يوجد هنا' is not in roles"),
        ({"model": "w x\t1\t1\nrubbish\n"}, "model:2: 'rubbish' is not"),
        ({"model": "l rolls\t1\n"}, "weights for rolls"),
    ],
)
def test_what_is_wrong_with_a_tuning_is_said_with_its_place(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Misconfigured) as error:
        tuned(replace(FIRST, **change), POLICY)
    assert complaint in str(error.value)
