"""What judges: lists, model and policy together, as shipped or as a tuning changes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite

from services.filter.lexicon import Lexicon
from services.filter.linear import Linear
from services.filter.logic import Policy, judge
from shared.contracts.messages import RawMessage
from shared.contracts.pipeline import Verdict
from shared.errors import Misconfigured
from shared.storage.tunings import Tuning

BOUNDS = {
    "threshold": (-20.0, 20.0),
    "surely": (-20.0, 20.0),
    "surely_not": (-20.0, 20.0),
    "share": (0.0, 10.0),
    "min_chars": (0.0, 1000.0),
}
"""The thresholds that a tuning may set, with the least and the greatest value of each."""


@dataclass(frozen=True, slots=True)
class Judging:
    """Everything that a verdict rests on. `version` is the tuning's, 0 for what is shipped."""

    lexicon: Lexicon
    linear: Linear
    policy: Policy
    version: int = 0

    def judge(self, message: RawMessage, now: datetime, folded: str) -> Verdict:
        """The verdict; under a tuning its last reason names the version: "tuning:3"."""
        verdict = judge(message, now=now, policy=self.policy, lexicon=self.lexicon, linear=self.linear, folded=folded)
        if not self.version:
            return verdict
        return verdict.model_copy(update={"reasons": (*verdict.reasons, f"tuning:{self.version}")})


def shipped(policy: Policy) -> Judging:
    """The lists and the model of this release. Misconfigured when one cannot be read."""
    linear = Linear.load()
    return Judging(Lexicon.load().weighted(linear.lists), linear, policy)


def tuned(tuning: Tuning, policy: Policy) -> Judging:
    """What is shipped with this tuning on it; `policy` holds what the tuning does not set.

    Misconfigured says everything that is wrong with the tuning, each with its place: "added to roles:2: …".
    """
    complaints: list[str] = []
    changed = _policy(tuning, policy, complaints)
    lexicon, linear = Lexicon({}, {}), Linear()
    try:
        lexicon = Lexicon.load(added=tuning.added, removed=tuning.removed)
    except Misconfigured as error:
        complaints.append(str(error))
    try:
        linear = Linear.load() if tuning.model is None else Linear.parse(tuning.model)
        lexicon = lexicon.weighted(linear.lists) if lexicon.weights else lexicon
    except Misconfigured as error:
        complaints.append(str(error))
    if complaints:
        raise Misconfigured(f"tuning {tuning.version}: " + "; ".join(complaints))
    return Judging(lexicon, linear, changed, tuning.version)


def _policy(tuning: Tuning, policy: Policy, complaints: list[str]) -> Policy:
    """The policy with the tuning's thresholds."""
    for name, value in tuning.thresholds.items():
        if name not in BOUNDS:
            complaints.append(f"there is no threshold {name!r}; there are {', '.join(BOUNDS)}")
        elif not (isfinite(value) and BOUNDS[name][0] <= value <= BOUNDS[name][1]):
            complaints.append(f"{name} = {value:g} is not between {BOUNDS[name][0]:g} and {BOUNDS[name][1]:g}")
    if complaints:
        return policy
    value_of = tuning.thresholds.get
    changed = replace(
        policy,
        threshold=value_of("threshold", policy.threshold),
        surely=value_of("surely", policy.surely),
        surely_not=value_of("surely_not", policy.surely_not),
        share=value_of("share", policy.share),
        min_chars=int(value_of("min_chars", policy.min_chars)),
    )
    if changed.surely_not > changed.surely:
        complaints.append(f"surely_not = {changed.surely_not:g} is above surely = {changed.surely:g}")
    return changed
