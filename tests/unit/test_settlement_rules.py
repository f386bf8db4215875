"""What becomes of a message, by error: the table of shared/broker/settle.py."""

from __future__ import annotations

import orjson
import pytest
from pydantic import ValidationError

from shared.broker.settle import UNEXPECTED_LIMIT, Again, Dead, decide
from shared.contracts.messages import RAW_EVENT
from shared.errors import BudgetSpent, Malformed, Misconfigured, Permanent, RateLimited, Unavailable


def test_an_outage_is_never_a_dead_letter_however_long_it_lasts() -> None:
    for deliveries in (1, 10, 1000):
        assert isinstance(decide(Unavailable("away"), deliveries), Again)


def test_what_an_operator_has_to_mend_is_waited_for_like_an_outage() -> None:
    """A database that refuses our password: no message can be the cause, and each was dead after two minutes."""
    for deliveries in (1, UNEXPECTED_LIMIT, 1000):
        assert isinstance(decide(Misconfigured("the database refuses our user"), deliveries), Again)


def delays(error: Exception, tries: range) -> list[float]:
    return [verdict.delay_s for n in tries if isinstance(verdict := decide(error, n), Again)]


def test_after_an_outage_no_message_sleeps_for_longer_than_five_seconds() -> None:
    assert delays(Unavailable("away"), range(1, 8)) == [1.0, 2.0, 4.0, 5.0, 5.0, 5.0, 5.0]


def test_an_unexpected_error_is_given_more_and_more_time() -> None:
    assert delays(KeyError("x"), range(1, UNEXPECTED_LIMIT)) == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0]


def test_a_wait_that_the_other_side_asks_for_is_honoured_up_to_a_quarter_of_an_hour() -> None:
    assert decide(RateLimited("slow down", retry_after=120), 1) == Again(120)
    assert decide(BudgetSpent("tomorrow", retry_after=80_000), 1) == Again(900)


@pytest.mark.parametrize(
    ("error", "reason"),
    [(Permanent("too big", reason="too_large"), "too_large"), (Malformed("no id"), "malformed")],
)
def test_a_permanent_error_is_a_dead_letter_at_once(error: Permanent, reason: str) -> None:
    assert decide(error, 1) == Dead(reason, str(error))


def test_a_payload_that_breaks_its_contract_is_a_dead_letter_without_its_content() -> None:
    with pytest.raises(ValidationError) as caught:
        RAW_EVENT.validate_json('{"type": "message.posted", "text": "0500000001"}')
    verdict = decide(caught.value, 1)
    assert isinstance(verdict, Dead)
    assert "message_id" in verdict.detail
    assert "0500000001" not in verdict.detail
    with pytest.raises(orjson.JSONDecodeError) as broken:
        orjson.loads(b"{")
    assert decide(broken.value, 1).__class__ is Dead


def test_an_unexpected_error_gets_its_tries_first() -> None:
    assert isinstance(decide(KeyError("x"), UNEXPECTED_LIMIT - 1), Again)
    assert decide(KeyError("x"), UNEXPECTED_LIMIT) == Dead("unexpected", "KeyError: 'x'")
