"""The rules: what of all that is known is wrong. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from services.publisher.alerts.absence import GROUP_SILENT, UNACCOUNTED, group_silent, unaccounted
from services.publisher.alerts.facts import Facts, Finding, Thresholds
from shared.contracts.pipeline import DeadLetter
from shared.storage.budgets import Standing
from shared.storage.gateway import GatewayStatus
from shared.storage.heartbeats import Beat
from shared.storage.sources import Source, SourceStatus

GATEWAY_LOST: Final = "gateway_lost"
NO_MESSAGES: Final = "no_messages"
ERROR_RATE: Final = "error_rate"
BACKLOG: Final = "backlog"
DEAD_LETTERS: Final = "dead_letters"
BUDGET_NEAR: Final = "budget_near"
BUDGET_SPENT: Final = "budget_spent"
MODEL_AWAY: Final = "model_away"
SERVICE_GONE: Final = "service_gone"
SERVICE_UNREADY: Final = "service_unready"
STAGE_STOPPED: Final = "stage_stopped"
GROUP_FOUND: Final = "group_found"

SYNC: Final = "sync"  # the poller's name among those who add groups
_MODEL_CHECKS: Final = ("engine", "model")
_FLOW_CHECK: Final = "flow"
_BEATS: Final = timedelta(seconds=45)  # so long services may take to be heard again when the database was away
_A_DAY: Final = timedelta(days=1)
_LEAST_FAILED: Final = 3  # fewer are told as dead letters, and say nothing of a rate

Findings = list[Finding]
Rule = Callable[[Facts, Thresholds], Findings]


def judge(facts: Facts, thresholds: Thresholds) -> dict[str, Findings | None]:
    """By rule, what is wrong; None for a rule that cannot tell now.

    Where nothing comes from anywhere, the silence of each group says nothing more: that rule then cannot tell.
    """
    found: dict[str, Findings | None] = {
        rule: None if facts.unread & needs else ask(facts, thresholds) for rule, (needs, ask) in RULES.items()
    }
    if found[NO_MESSAGES] or lost_since(facts.gateway):
        found[GROUP_SILENT] = None
    return found


def lost_since(gateway: GatewayStatus) -> datetime | None:
    """Since when it has not worked, in whatever states; None while it works and before the first check."""
    if gateway.working or gateway.state is None:
        return None
    since = gateway.since
    for change in reversed(gateway.changes):
        if change.working:
            break
        since = change.at
    return since


def _gateway_lost(facts: Facts, limits: Thresholds) -> Findings:
    since = lost_since(facts.gateway)
    if since is None or facts.now - since < limits.gateway_lost:
        return []
    values = {"state": facts.gateway.state or "", "advice": facts.gateway.advice[:300]}
    return [Finding(GATEWAY_LOST, "", since, values)]


def _no_messages(facts: Facts, limits: Thresholds) -> Findings:
    active = _active(facts)
    heard = [source.last_message_at for source in active if source.last_message_at]
    if not active:
        return []
    last = max(heard) if heard else min(source.added_at for source in active)
    if facts.now - last < limits.silence:
        return []
    values = {"groups": len(active), "hours": round(limits.silence / timedelta(hours=1))}
    return [Finding(NO_MESSAGES, "", last, values)]


def _error_rate(facts: Facts, limits: Thresholds) -> Findings:
    failed = sum(facts.now - letter.failed_at <= limits.error_window for letter in facts.letters)
    of = max(facts.handled, failed)
    if failed < _LEAST_FAILED or failed / of <= limits.error_rate:
        return []
    values = {
        "percent": round(100 * failed / of),
        "failed": failed,
        "of": of,
        "minutes": round(limits.error_window / timedelta(minutes=1)),
    }
    return [Finding(ERROR_RATE, "", facts.now, values)]


def _backlog(facts: Facts, limits: Thresholds) -> Findings:
    found = []
    for lag in facts.lags:
        number = lag.pending + lag.unacked
        age = facts.now - lag.oldest_at if lag.oldest_at else timedelta(0)
        if number > limits.backlog or (number and age > limits.backlog_age):
            about = f"{lag.stream}/{lag.durable}"
            minutes = int(age / timedelta(minutes=1))
            values = {"stream": lag.stream, "reader": lag.durable, "number": number, "minutes": minutes}
            found.append(Finding(BACKLOG, about, lag.oldest_at or facts.now, values))
    return found


def _dead_letters(facts: Facts, limits: Thresholds) -> Findings:
    """One for each kind (stage and reason) that had a new letter within the window: more of the same is no news."""
    kinds: defaultdict[tuple[str, str], list[DeadLetter]] = defaultdict(list)
    for letter in facts.letters:
        if facts.now - letter.failed_at <= limits.dead_window:
            kinds[letter.stage, letter.reason].append(letter)
    found = []
    for (stage, reason), letters in sorted(kinds.items()):
        first = min(letters, key=lambda letter: (letter.failed_at, letter.event_id))
        values = {"number": len(letters), "stage": stage, "reason": reason, "id": first.message_id or first.event_id}
        found.append(Finding(DEAD_LETTERS, f"{stage}/{reason}", first.failed_at, values))
    return found


def _budget_near(facts: Facts, limits: Thresholds) -> Findings:
    """Of the days' budgets: an hour's is gone and back before anybody has read of it."""
    return [
        _budget(BUDGET_NEAR, standing, facts.now)
        for standing in facts.budgets
        if standing.ends - standing.began >= _A_DAY and _share(standing) >= limits.budget_share
    ]


def _budget_spent(facts: Facts, _limits: Thresholds) -> Findings:
    return [_budget(BUDGET_SPENT, standing, facts.now) for standing in facts.budgets if _share(standing) >= 1]


def _budget(rule: str, standing: Standing, now: datetime) -> Finding:
    values = {
        "budget": standing.name,
        "percent": int(100 * _share(standing)),
        "used": f"{standing.used:,.6g}",
        "limit": f"{standing.limit:,.6g}",
    }
    return Finding(rule, standing.name, now, values)


def _share(standing: Standing) -> float:
    return standing.used / standing.limit if standing.limit else 0.0


def _model_away(facts: Facts, limits: Thresholds) -> Findings:
    """What a living extractor says of its model. A spent budget is told as such."""
    for beat in _living(facts, limits):
        troubles = dict(beat.detail.get("troubles", {}))
        for check in _MODEL_CHECKS:
            told = str(troubles.get(check, ""))
            if beat.service == "extractor" and told and not told.startswith("BudgetSpent"):
                return [Finding(MODEL_AWAY, "", facts.now, {"detail": told[:300]}, limits.model_away)]
    return []


def _service_gone(facts: Facts, limits: Thresholds) -> Findings:
    living = {beat.service for beat in _living(facts, limits)}
    found = []
    for name in facts.services:
        if name not in living:
            last = max((beat.at for beat in facts.beats if beat.service == name), default=None)
            patience = limits.service_gone if last is None else _BEATS
            found.append(Finding(SERVICE_GONE, name, last or facts.now, {"service": name}, patience))
    return found


def _service_unready(facts: Facts, limits: Thresholds) -> Findings:
    """One for each thing that living services lack, such as the broker: not one for each service that lacks it."""
    lacking: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for beat in _living(facts, limits):
        for check, told in dict(beat.detail.get("troubles", {})).items():
            if check not in (*_MODEL_CHECKS, _FLOW_CHECK):
                lacking[str(check)][beat.service] = str(told)[:300]
    return [
        Finding(
            SERVICE_UNREADY,
            check,
            facts.now,
            {"check": check, "services": ", ".join(sorted(told)), "detail": told[min(told)]},
            limits.service_gone,
        )
        for check, told in sorted(lacking.items())
    ]


def _stage_stopped(facts: Facts, limits: Thresholds) -> Findings:
    """One for each stage that takes nothing because what it takes dies; told at once."""
    why: dict[str, str] = {}
    for beat in _living(facts, limits):
        if told := dict(beat.detail.get("troubles", {})).get(_FLOW_CHECK):
            why.setdefault(beat.service, str(told)[:300])
    return [
        Finding(STAGE_STOPPED, stage, facts.now, {"stage": stage, "detail": told})
        for stage, told in sorted(why.items())
    ]


def _group_found(facts: Facts, _limits: Thresholds) -> Findings:
    """What waits to be accepted; where the settings accept by themselves, what was found within a day."""
    return [
        Finding(GROUP_FOUND, source.id, source.added_at, _group(source))
        for source in facts.sources
        if source.status is SourceStatus.PROPOSED
        or (source.status is SourceStatus.ACTIVE and source.added_by == SYNC and facts.now - source.added_at < _A_DAY)
    ]


def _group(source: Source) -> dict[str, str]:
    return {"name": source.name[:100], "id": source.id, "status": str(source.status)}


def _active(facts: Facts) -> list[Source]:
    return [source for source in facts.sources if source.status is SourceStatus.ACTIVE]


def _living(facts: Facts, limits: Thresholds) -> list[Beat]:
    return [beat for beat in facts.beats if facts.now - beat.at < limits.service_gone]


RULES: Final[dict[str, tuple[frozenset[str], Rule]]] = {
    GATEWAY_LOST: (frozenset({"gateway"}), _gateway_lost),
    NO_MESSAGES: (frozenset({"sources"}), _no_messages),
    GROUP_SILENT: (frozenset({"sources", "totals", "gateway"}), group_silent),
    UNACCOUNTED: (frozenset({"account"}), unaccounted),
    ERROR_RATE: (frozenset({"letters", "totals"}), _error_rate),
    BACKLOG: (frozenset({"lags"}), _backlog),
    DEAD_LETTERS: (frozenset({"letters"}), _dead_letters),
    BUDGET_NEAR: (frozenset({"budgets"}), _budget_near),
    BUDGET_SPENT: (frozenset({"budgets"}), _budget_spent),
    MODEL_AWAY: (frozenset({"beats"}), _model_away),
    SERVICE_GONE: (frozenset({"beats"}), _service_gone),
    SERVICE_UNREADY: (frozenset({"beats"}), _service_unready),
    STAGE_STOPPED: (frozenset({"beats"}), _stage_stopped),
    GROUP_FOUND: (frozenset({"sources"}), _group_found),
}
"""Rule → the parts of the board that it rests on, and the rule itself."""
