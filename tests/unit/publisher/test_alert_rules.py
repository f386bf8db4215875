"""The rules of the alerts: from where on something is wrong, and what cannot be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.publisher.alerts import rules
from services.publisher.alerts.absence import GROUP_SILENT, UNACCOUNTED, to_ask
from services.publisher.alerts.facts import Facts, Finding, Thresholds
from services.publisher.alerts.rules import RULES, judge
from shared.broker.topology import Lag
from shared.contracts.pipeline import DeadLetter
from shared.storage.budgets import Standing
from shared.storage.gateway import GatewayStatus, StateChange
from shared.storage.heartbeats import Beat
from shared.storage.reckonings import Missing, Reckoning
from shared.storage.sources import Answer, Source, SourceStatus

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LIMITS = Thresholds()
WORKING = GatewayStatus(state="AUTH", working=True, since=NOW - timedelta(days=3), checked_at=NOW)


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def group(id: str = "1@g.us", *, heard: datetime | None = NOW, status: str = "active") -> Source:
    return Source(id, "كاستنج الرياض", SourceStatus(status), added_at=ago(days=30), last_message_at=heard)


def letter(id: str, at: datetime, stage: str = "filter", reason: str = "malformed") -> DeadLetter:
    return DeadLetter(
        event_id=id,
        stage=stage,
        reason=reason,
        subject="raw.messages",
        payload="{}",
        message_id=f"m-{id}",
        failed_at=at,
    )


def found(facts: Facts, rule: str) -> list[Finding]:
    findings = judge(facts, LIMITS)[rule]
    assert findings is not None
    return findings


def quiet(**values: Any) -> Facts:
    """A twin in which nothing is wrong, but for these."""
    facts = Facts(NOW, gateway=WORKING, sources=[group()], beats=[Beat("filter", "h:1", ago(days=1), ago(seconds=10))])
    return replace(facts, services=("filter",), **values)


def test_where_nothing_is_wrong_nothing_is_found() -> None:
    assert judge(quiet(), LIMITS) == {rule: [] for rule in RULES}


def test_a_twin_that_was_just_started_has_nothing_wrong_yet() -> None:
    assert not any(findings for findings in judge(Facts(NOW), LIMITS).values())


def test_a_lost_connection_counts_from_its_first_bad_state() -> None:
    states = (("AUTH", True, ago(days=1)), ("LAUNCH", False, ago(minutes=9)), ("QR", False, ago(minutes=1)))
    changes = tuple(StateChange(*state) for state in states)
    lost = GatewayStatus("QR", False, "scan the code", since=ago(minutes=1), changes=changes)
    [finding] = found(quiet(gateway=lost), rules.GATEWAY_LOST)
    assert (finding.key, finding.since) == ("gateway_lost", ago(minutes=9))
    assert finding.values == {"state": "QR", "advice": "scan the code"}


def test_a_short_reconnect_is_no_lost_connection() -> None:
    lost = GatewayStatus("LAUNCH", False, since=ago(minutes=4), changes=(StateChange("LAUNCH", False, ago(minutes=4)),))
    assert found(quiet(gateway=lost), rules.GATEWAY_LOST) == []


@pytest.mark.parametrize(("hours", "told"), [(23.9, False), (24, True)])
def test_silence_everywhere_counts_from_the_last_message_of_any_group(hours: float, told: bool) -> None:
    sources = [group("1@g.us", heard=ago(hours=hours)), group("2@g.us", heard=ago(days=9)), group("3@g.us", heard=None)]
    findings = found(quiet(sources=sources), rules.NO_MESSAGES)
    assert [finding.since for finding in findings] == ([ago(hours=hours)] if told else [])


def test_groups_that_never_brought_anything_are_silent_since_they_are_listened_to() -> None:
    [finding] = found(quiet(sources=[group(heard=None)]), rules.NO_MESSAGES)
    assert finding.since == ago(days=30)


def test_without_an_active_group_silence_is_right() -> None:
    assert found(quiet(sources=[group(heard=ago(days=9), status="inactive")]), rules.NO_MESSAGES) == []


def asked(source: Source, *, before: timedelta, answer: Answer | None = None) -> Source:
    """The gateway was asked about it so long ago, and may have answered since."""
    answered = NOW - before + timedelta(seconds=5) if answer else None
    return replace(source, ask_at=NOW - before, compared_at=answered, answer=answer)


def test_each_silent_group_is_a_trouble_of_its_own() -> None:
    silent = [
        asked(group("1@g.us", heard=ago(hours=8)), before=timedelta(hours=1), answer=Answer.QUIET),
        asked(group("2@g.us", heard=ago(hours=9), status="inactive"), before=timedelta(hours=1), answer=Answer.QUIET),
    ]
    findings = found(quiet(silent=silent), GROUP_SILENT)
    assert [(finding.key, finding.since) for finding in findings] == [("group_silent:1@g.us", ago(hours=8))]
    assert findings[0].values == {"name": "كاستنج الرياض", "status": "quiet"}


def test_a_silent_group_is_asked_about_once_in_each_silence() -> None:
    silent = group(heard=ago(hours=8))
    assert to_ask(quiet(silent=[silent])) == [silent]
    assert to_ask(quiet(silent=[asked(silent, before=timedelta(hours=7))])) == []
    earlier = asked(silent, before=timedelta(hours=20), answer=Answer.QUIET)
    assert to_ask(quiet(silent=[earlier])) == [earlier]
    assert to_ask(quiet(silent=[group(heard=ago(hours=8), status="inactive")])) == []


def test_a_silence_is_told_once_the_gateway_has_answered_or_does_not_answer() -> None:
    silent = group(heard=ago(hours=8))

    def told(source: Source) -> list[str]:
        return [str(one.values["status"]) for one in found(quiet(silent=[source]), GROUP_SILENT)]

    assert told(silent) == []
    assert told(asked(silent, before=timedelta(minutes=9))) == []
    assert told(asked(silent, before=timedelta(minutes=10))) == ["unanswered"]
    assert told(asked(silent, before=timedelta(minutes=1), answer=Answer.REFUSED)) == ["refused"]
    assert told(asked(silent, before=timedelta(hours=20), answer=Answer.QUIET)) == []  # of an earlier silence


def test_what_ended_nowhere_is_told_with_the_oldest() -> None:
    missing = (Missing("message", "m1", "1@g.us", ago(hours=2), "no_entry"),)
    last = Reckoning(NOW, None, 0.1, messages={"unaccounted": 3}, unaccounted=3, missing=missing)
    (finding,) = found(quiet(reckoning=last), UNACCOUNTED)
    assert (finding.key, finding.since, finding.values) == ("unaccounted", ago(hours=2), {"number": 3, "id": "m1"})
    fine = replace(last, unaccounted=0, missing=())
    assert found(quiet(reckoning=fine), UNACCOUNTED) == []


def test_a_groups_silence_says_nothing_while_the_connection_is_lost_or_all_are_silent() -> None:
    silent = [group(heard=ago(hours=30))]
    lost = GatewayStatus("QR", False, since=ago(seconds=5))
    assert judge(quiet(silent=silent, gateway=lost), LIMITS)[GROUP_SILENT] is None
    assert judge(quiet(silent=silent, sources=silent), LIMITS)[GROUP_SILENT] is None


@pytest.mark.parametrize(
    ("letters", "handled", "percent"),
    [(4, 30, 13), (3, 30, None), (2, 3, None), (3, 0, 100), (11, 100, 11), (10, 100, None)],
)
def test_the_error_rate_needs_more_than_a_tenth_and_three_at_least(
    letters: int, handled: int, percent: int | None
) -> None:
    fresh = [letter(str(number), ago(minutes=5)) for number in range(letters)]
    old = [letter(f"old{number}", ago(minutes=61)) for number in range(50)]
    findings = found(quiet(letters=[*fresh, *old], handled=handled), rules.ERROR_RATE)
    assert [finding.values["percent"] for finding in findings] == ([] if percent is None else [percent])


@pytest.mark.parametrize(
    ("lag", "told"),
    [
        (Lag("RAW", "filter", 999, 1, ago(minutes=14)), False),
        (Lag("RAW", "filter", 1000, 1, ago(minutes=1)), True),
        (Lag("RAW", "filter", 0, 1, ago(minutes=16)), True),
        (Lag("RAW", "filter", 0, 0, None), False),
    ],
)
def test_a_stream_is_backed_up_by_number_or_by_age(lag: Lag, told: bool) -> None:
    findings = found(quiet(lags=[lag]), rules.BACKLOG)
    assert [(one.key, one.since) for one in findings] == ([("backlog:RAW/filter", lag.oldest_at)] if told else [])


def test_dead_letters_are_told_by_stage_and_reason_of_the_last_day() -> None:
    letters = [
        letter("3", ago(hours=1)),
        letter("2", ago(hours=2)),
        letter("1", ago(hours=25)),
        letter("4", ago(hours=3), "extractor", "too_large"),
    ]
    findings = found(quiet(letters=letters, handled=1000), rules.DEAD_LETTERS)
    assert [(one.key, one.since, one.values["number"], one.values["id"]) for one in findings] == [
        ("dead_letters:extractor/too_large", ago(hours=3), 1, "m-4"),
        ("dead_letters:filter/malformed", ago(hours=2), 2, "m-2"),
    ]


def standing(name: str, used: float, limit: float, hours: float = 24) -> Standing:
    return Standing(name, used, limit, ago(hours=1), ago(hours=1) + timedelta(hours=hours))


def test_a_days_budget_is_told_when_nearly_spent_and_when_spent() -> None:
    budgets = [standing("model.tokens", 79, 100), standing("model.requests", 80, 100), standing("model.cost_usd", 6, 5)]
    assert [one.key for one in found(quiet(budgets=budgets), rules.BUDGET_NEAR)] == [
        "budget_near:model.requests",
        "budget_near:model.cost_usd",
    ]
    assert [one.key for one in found(quiet(budgets=budgets), rules.BUDGET_SPENT)] == ["budget_spent:model.cost_usd"]


def test_an_hours_budget_is_told_only_when_spent_and_no_limit_never() -> None:
    budgets = [standing("whapi", 90, 100, hours=1), standing("model.tokens", 10**9, 0)]
    assert found(quiet(budgets=budgets), rules.BUDGET_NEAR) == []
    assert found(quiet(budgets=budgets), rules.BUDGET_SPENT) == []
    spent = [standing("whapi", 100, 100, hours=1)]
    assert [one.key for one in found(quiet(budgets=spent), rules.BUDGET_SPENT)] == ["budget_spent:whapi"]


@pytest.mark.parametrize(
    ("service", "check", "trouble", "told"),
    [
        ("extractor", "engine", "Unavailable: 502", True),
        ("extractor", "model", "Misconfigured: the key is refused", True),
        ("extractor", "model", "BudgetSpent: the day's limit", False),
        ("extractor", "database", "Unavailable: away", False),
        ("filter", "engine", "Unavailable: 502", False),
    ],
)
def test_the_model_is_away_where_a_living_extractor_says_so(service: str, check: str, trouble: str, told: bool) -> None:
    beat = Beat(service, "h:1", ago(days=1), ago(seconds=20), {"ready": False, "troubles": {check: trouble}})
    findings = found(quiet(beats=[beat]), rules.MODEL_AWAY)
    assert [one.for_at_least for one in findings] == ([timedelta(minutes=5)] if told else [])
    dead = replace(beat, at=ago(minutes=4))
    assert found(quiet(beats=[dead]), rules.MODEL_AWAY) == []


def test_a_service_is_gone_when_its_last_replica_is_silent() -> None:
    beats = [Beat("filter", "h:1", ago(days=1), ago(minutes=9)), Beat("filter", "h:2", ago(days=1), ago(minutes=3))]
    [finding] = found(quiet(beats=beats), rules.SERVICE_GONE)
    assert (finding.key, finding.since, finding.for_at_least) == (
        "service_gone:filter",
        ago(minutes=3),
        timedelta(seconds=45),
    )
    assert found(quiet(beats=[*beats, replace(beats[0], replica="h:3", at=NOW)]), rules.SERVICE_GONE) == []


def test_a_service_that_was_never_heard_is_given_time_to_start() -> None:
    [finding] = found(quiet(beats=[]), rules.SERVICE_GONE)
    assert (finding.key, finding.for_at_least) == ("service_gone:filter", LIMITS.service_gone)


def test_what_several_services_lack_is_one_trouble_and_the_model_is_another() -> None:
    lacking = {"troubles": {"broker": "Unavailable: away", "engine": "Unavailable: 502"}}
    beats = [Beat(name, "h:1", ago(days=1), NOW, lacking) for name in ("extractor", "filter")]
    dead = Beat("poller", "h:1", ago(days=1), ago(minutes=9), {"troubles": {"database": "away"}})
    [finding] = found(quiet(beats=[*beats, dead]), rules.SERVICE_UNREADY)
    assert (finding.key, finding.for_at_least) == ("service_unready:broker", LIMITS.service_gone)
    assert finding.values == {"check": "broker", "services": "extractor, filter", "detail": "Unavailable: away"}


def test_a_proposed_group_waits_to_be_accepted() -> None:
    [finding] = found(quiet(sources=[group(), group("9@g.us", status="proposed")]), rules.GROUP_FOUND)
    assert (finding.key, finding.since) == ("group_found:9@g.us", ago(days=30))


def test_a_group_that_is_read_at_once_is_told_of_for_a_day() -> None:
    def sources(**added: float) -> list[Source]:
        return [Source("9@g.us", "كاستنج", SourceStatus.ACTIVE, added_at=ago(**added), added_by=rules.SYNC)]

    [finding] = found(quiet(sources=sources(hours=23)), rules.GROUP_FOUND)
    assert finding.values["status"] == "active"
    assert found(quiet(sources=sources(hours=25)), rules.GROUP_FOUND) == []
    assert found(quiet(sources=[replace(sources(hours=1)[0], added_by="boss")]), rules.GROUP_FOUND) == []


@pytest.mark.parametrize("rule", RULES)
def test_what_could_not_be_read_says_nothing(rule: str) -> None:
    needs, _ask = RULES[rule]
    for part in needs:
        assert judge(quiet(unread=frozenset({part})), LIMITS)[rule] is None


def test_a_stage_that_stopped_by_itself_is_told_at_once_and_lacks_nothing_else() -> None:
    stopped = {"troubles": {"flow": "StageStopped: takes no messages: 12 of 14 died"}}
    beats = [Beat("filter", replica, ago(days=1), NOW, stopped) for replica in ("h:1", "h:2")]
    [finding] = found(quiet(beats=beats), rules.STAGE_STOPPED)
    assert (finding.key, finding.for_at_least) == ("stage_stopped:filter", timedelta(0))
    assert finding.values == {"stage": "filter", "detail": "StageStopped: takes no messages: 12 of 14 died"}
    assert found(quiet(beats=beats), rules.SERVICE_UNREADY) == []
