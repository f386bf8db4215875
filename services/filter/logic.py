"""The filter's decision: is this message worth the extractor's time? Values in, a named verdict out.

RULES is read from top to bottom; the first that holds decides, and its name goes into the ledger and the metrics. The
filter errs towards passing: a missed call is lost to everyone, a passed joke costs one extraction.

On length. The design documents drop texts under 50 characters. In the development corpus that would kill none of the
180 calls (the shortest has 60) and 16 of the 220 other messages, all of which fail without it. But a call of 40
characters is easily written ("نبي بنت ٨-١٠ لإعلان بكرة بجدة، ٥٠٠ ريال"), so a short text is dropped at once only if
it shows no sign of a call; else it is scored like any other, with shortness as one feature against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from services.filter.features import Reading, read
from services.filter.lexicon import Lexicon
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import Verdict

_SIZE = itemgetter(0)

SIGNS_OF_A_CALL = ("seeks_people", "calling", "counted_people", "age_ranges")
"""The features of which one is enough to have a short text scored."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The thresholds of the decision."""

    min_chars: int = 50  # a shorter text is dropped unless it shows a sign of a call, and is scored lower if it does
    max_age: timedelta = timedelta(days=7)  # an older message is stopped unread
    threshold: float = -1.0  # the lowest score that passes; 0 is even odds
    named_reasons: int = 6  # how many features a verdict names


class Case:
    """What the rules look at: a text and its age (None where only a text is judged). Read when first asked about."""

    __slots__ = ("_folded", "_lexicon", "_reading", "_score", "_shares", "age", "policy", "text")

    def __init__(self, text: str, folded: str | None, age: timedelta | None, policy: Policy, lexicon: Lexicon) -> None:
        self.text, self.age, self.policy = text, age, policy
        self._folded, self._lexicon = folded, lexicon
        self._reading: Reading | None = None
        self._shares: list[tuple[float, str]] = []
        self._score: float | None = None

    @property
    def reading(self) -> Reading:
        """The features of the text."""
        if self._reading is None:
            self._reading = read(self.text, self._lexicon, min_chars=self.policy.min_chars, folded=self._folded)
        return self._reading

    @property
    def score(self) -> float:
        """About the logarithm of the odds that this is a call: weight times points (up to the cap), summed."""
        if self._score is None:
            weights = self._lexicon.weights
            total = weights["bias"].weight
            for name, value in self.reading.values.items():
                weight, cap, reason = weights[name]
                share = weight * (value if value < cap else cap)  # noqa: FURB136 - a call is dearer
                if share:
                    self._shares.append((abs(share), reason))
                    total += share
            self._score = total
        return self._score

    def verdict(self, rule: Rule) -> Verdict:
        """What `rule` decides, and the features that weighed most with their sign: "+seeks_people", "-workshop"."""
        score = round(self.score, 3)
        heaviest = sorted(self._shares, key=_SIZE, reverse=True)[: self.policy.named_reasons]
        return Verdict(
            passed=rule.passes, rule=rule.name, score=score, reasons=tuple([reason for _, reason in heaviest])
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. `name` is a metric label ([a-z_]+), `passes` what becomes of the messages for which it holds."""

    name: str
    passes: bool
    holds: Callable[[Case], bool]
    reads: bool = True  # whether its verdict can name a score and reasons


def _no_text(case: Case) -> bool:
    return not any(map(str.isalnum, case.text))


def _too_old(case: Case) -> bool:
    return case.age is not None and case.age > case.policy.max_age


def _too_short(case: Case) -> bool:
    if len(case.text) >= case.policy.min_chars:
        return False
    return not any(sign in case.reading.values for sign in SIGNS_OF_A_CALL)


def _scored_call(case: Case) -> bool:
    return case.score >= case.policy.threshold


def _anything_else(_: Case) -> bool:
    return True


RULES = (
    Rule("no_text", False, _no_text, reads=False),  # pictures, stickers, emoji: nothing to read
    Rule("too_old", False, _too_old, reads=False),  # over a week: most of its deadlines are gone
    Rule("too_short", False, _too_short),  # "تم", "up", "مهتم"
    Rule("scored_call", True, _scored_call),
    Rule("scored_noise", False, _anything_else),
)


def judge(
    message: RawMessage, *, now: datetime, policy: Policy, lexicon: Lexicon, folded: str | None = None
) -> Verdict:
    """Whether this message goes on, and why. `now` is aware. `folded` spares the folding where the caller has it."""
    return _decide(Case(message.text, folded, now - message.sent_at, policy, lexicon))


def judge_text(text: str, *, policy: Policy, lexicon: Lexicon, folded: str | None = None) -> Verdict:
    """The same for a raw text of any age."""
    return _decide(Case(text, folded, None, policy, lexicon))


def _decide(case: Case) -> Verdict:
    for rule in RULES:
        if rule.holds(case):
            break
    return case.verdict(rule) if rule.reads else Verdict(passed=rule.passes, rule=rule.name)
