"""The filter's decision as evaluations ask for it: a text in, a verdict out, no message and no clock."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from services.extractor.likeness import same_call
from services.extractor.posts.shingles import sample
from services.filter import judging
from services.filter.app import policy_of
from services.filter.judging import Judging
from services.filter.logic import Policy, judge_text
from services.filter.settings import FilterSettings
from services.operator.evaluate_filter import Row
from shared.contracts.pipeline import Verdict
from shared.errors import Misconfigured
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.tunings import MongoTunings

Judge = Callable[[str], Verdict]


def shipped() -> Judge:
    """The filter as it is shipped: its lists and its model, with the settings' defaults."""
    return _of(judging.shipped(Policy()))


async def current(mongo: Mongo) -> Judge:
    """The filter as it runs: with this environment's settings and the newest tuning that can be used."""
    return _of(await running(mongo))


async def running(mongo: Mongo) -> Judging:
    """The same, with all that its verdicts rest on."""
    settings: FilterSettings = FilterSettings.load()
    policy = policy_of(settings)
    tunings = MongoTunings(mongo)
    for version in await tunings.versions():
        try:
            if tuning := await tunings.get(version):
                return judging.tuned(tuning, policy)
        except Misconfigured:  # as the filter does: the last good one stands
            continue
    return judging.shipped(policy)


def same(first: Row, second: Row) -> bool:
    """Whether the extractor takes the later message for the earlier call again, and spares the model.

    As in the extractor, only those are compared of which the index would find the one by the other.
    """
    if first.sent_at is None or second.sent_at is None or _sampled(first.text).isdisjoint(_sampled(second.text)):
        return False
    return same_call(first.text, first.sent_at, second.text, second.sent_at)


@lru_cache(maxsize=20_000)
def _sampled(text: str) -> frozenset[int]:
    return frozenset(sample(text))


def _of(judging: Judging) -> Judge:
    return lambda text: judge_text(text, policy=judging.policy, lexicon=judging.lexicon, linear=judging.linear)
