"""The filter's decision: is this message worth the extractor's time? Values in, a named verdict out.

RULES is read from top to bottom; the first that holds decides, and its name goes into the ledger and the metrics. The
filter errs towards passing: a missed call is lost to everyone, a passed joke costs one extraction.

The word lists score every text. Where they are sure, that decides; between "surely not" and "surely" the trained model
of `linear` takes a second look at all the words and their order, and the sum of both decides.

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
from services.filter.linear import Linear, Shown, words_of
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import Verdict

_SIZE = itemgetter(0)
_NAMED_WORDS = 3  # of the second look

SIGNS_OF_A_CALL = ("seeks_people", "calling", "counted_people", "age_ranges")
"""The features of which one is enough to have a short text scored."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The thresholds of the decision."""

    min_chars: int = 50  # a shorter text is dropped unless it shows a sign of a call, and is scored lower if it does
    max_age: timedelta = timedelta(days=7)  # an older message is stopped unread
    surely_not: float = -4.0  # a text that the lists score below is stopped
    surely: float = 3.0  # a text that the lists score from here on passes
    threshold: float = -1.3  # in between: the lowest score of lists and model together that passes; 0 is even odds
    share: float = 1.5  # how much of the model's score counts beside the lists'
    named_reasons: int = 6  # how many features a verdict names


class Case:
    """What the rules look at: a text and its age (None where only a text is judged). Read when first asked about."""

    __slots__ = (
        "_folded",
        "_lexicon",
        "_linear",
        "_listed",
        "_reading",
        "_second",
        "_shares",
        "_shown",
        "age",
        "policy",
        "text",
    )

    def __init__(
        self, text: str, folded: str | None, age: timedelta | None, policy: Policy, lexicon: Lexicon, linear: Linear
    ) -> None:
        self.text, self.age, self.policy = text, age, policy
        self._folded, self._lexicon, self._linear = folded, lexicon, linear
        self._reading: Reading | None = None
        self._shares: list[tuple[float, str]] = []
        self._listed: float | None = None
        self._shown: Shown | None = None
        self._second: float | None = None

    @property
    def reading(self) -> Reading:
        """The features of the text."""
        if self._reading is None:
            self._reading = read(self.text, self._lexicon, min_chars=self.policy.min_chars, folded=self._folded)
        return self._reading

    @property
    def shown(self) -> Shown:
        """What the model sees of the text."""
        if self._shown is None:
            reading = self.reading
            self._shown = Shown(words_of(reading.tokens), reading.kinds, reading.values)
        return self._shown

    @property
    def listed(self) -> float:
        """What the lists say: about the logarithm of the odds, weight times points (up to the cap), summed."""
        if self._listed is None:
            weights = self._lexicon.weights
            total = weights["bias"].weight
            for name, value in self.reading.values.items():
                weight, cap, reason = weights[name]
                share = weight * (value if value < cap else cap)  # noqa: FURB136 - a call is dearer
                if share:
                    self._shares.append((abs(share), reason))
                    total += share
            self._listed = total
        return self._listed

    @property
    def score(self) -> float:
        """What lists and model say together."""
        if self._second is None:
            self._second = self.policy.share * self._linear.score(self.shown)
        return self.listed + self._second

    def verdict(self, rule: Rule) -> Verdict:
        """What `rule` decides, and what weighed most with its sign: "+seeks_people", "-workshop", "-word:ورشه"."""
        score = self.listed if self._second is None else self.listed + self._second
        heaviest = sorted(self._shares, key=_SIZE, reverse=True)[: self.policy.named_reasons]
        reasons = [reason for _, reason in heaviest]
        if self._second is not None:
            reasons += self._linear.reasons(self.shown, number=_NAMED_WORDS)
        return Verdict(passed=rule.passes, rule=rule.name, score=round(score, 3), reasons=tuple(reasons))


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


def _sure_call(case: Case) -> bool:
    return case.listed >= case.policy.surely


def _sure_noise(case: Case) -> bool:
    return case.listed < case.policy.surely_not


def _scored_call(case: Case) -> bool:
    return case.score >= case.policy.threshold


def _anything_else(_: Case) -> bool:
    return True


RULES = (
    Rule("no_text", False, _no_text, reads=False),  # pictures, stickers, emoji: nothing to read
    Rule("too_old", False, _too_old, reads=False),  # over a week: most of its deadlines are gone
    Rule("too_short", False, _too_short),  # "تم", "up", "مهتم"
    Rule("sure_call", True, _sure_call),  # the lists alone are sure
    Rule("sure_noise", False, _sure_noise),
    Rule("scored_call", True, _scored_call),  # the second look, with the model
    Rule("scored_noise", False, _anything_else),
)

BY_SCORE = frozenset({"sure_noise", "scored_noise"})
"""The rules whose rejections rest on a score, and may be wrong as scores are: a sample of them is checked."""

_NO_MODEL = Linear()


def judge(
    message: RawMessage,
    *,
    now: datetime,
    policy: Policy,
    lexicon: Lexicon,
    linear: Linear = _NO_MODEL,
    folded: str | None = None,
) -> Verdict:
    """Whether this message goes on, and why. `now` is aware. `folded` spares the folding where the caller has it."""
    return _decide(Case(message.text, folded, now - message.sent_at, policy, lexicon, linear))


def judge_text(
    text: str, *, policy: Policy, lexicon: Lexicon, linear: Linear = _NO_MODEL, folded: str | None = None
) -> Verdict:
    """The same for a raw text of any age."""
    return _decide(Case(text, folded, None, policy, lexicon, linear))


def _decide(case: Case) -> Verdict:
    for rule in RULES:
        if rule.holds(case):
            break
    return case.verdict(rule) if rule.reads else Verdict(passed=rule.passes, rule=rule.name)
