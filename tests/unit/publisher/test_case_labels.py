"""Which case a call's standing decision makes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.publisher import logic, merges, suggestions
from services.publisher.labels import REJECTIONS, case_of
from services.publisher.logic import Reason
from shared.contracts.calls import CastingCall
from shared.storage.calls import Call
from tests.services.publisher.house import extracted

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FIXED = CastingCall(title="ممثل رئيسي", location_city="Jeddah")


def pending() -> Call:
    return logic.received(extracted(deadline="2026-11-30"), NOW)


def edited_in_whatsapp(call: Call) -> Call:
    after = suggestions.edited_in_whatsapp(
        call, extracted(edit="مطلوب ممثل سعودي في الدمام", location_city="Dammam"), NOW
    )
    assert after is not None
    return after


def test_a_call_that_waits_makes_no_case() -> None:
    assert case_of(pending()) is None
    assert case_of(edited_in_whatsapp(pending())) is None


def test_an_approval_makes_a_call_with_the_approved_fields_as_gold() -> None:
    call = logic.approve(pending(), "sara", LATER, fields=FIXED)
    case = case_of(call)
    assert case is not None
    assert (case.label, case.gold, case.reason, case.reviewer, case.at) == ("casting_call", FIXED, None, "sara", LATER)
    assert (case.id, case.version, case.text, case.message_id) == (call.id, 2, call.message.text, "m1")
    assert (case.original, case.verdict, case.engine) == (call.original, call.verdict, call.engine)
    assert case.original.location_city == "Riyadh"


def test_a_later_correction_is_the_gold_and_names_its_reviewer() -> None:
    approved = logic.approve(pending(), "sara", NOW)
    case = case_of(logic.edit(approved, FIXED, "omar", LATER))
    assert case is not None
    assert (case.gold, case.reviewer, case.at, case.version) == (FIXED, "omar", LATER, 3)


def test_an_edit_of_a_waiting_call_says_that_it_is_one_and_no_more() -> None:
    case = case_of(logic.edit(pending(), FIXED, "omar", LATER))
    assert case is not None
    assert (case.label, case.gold, case.reviewer) == ("casting_call", None, "omar")


def test_the_rejection_as_not_a_call_makes_noise() -> None:
    case = case_of(logic.reject(pending(), Reason.NOT_A_CALL, "an advert", "sara", LATER))
    assert case is not None
    assert (case.label, case.gold, case.reason, case.reviewer) == ("other", None, "not_a_call", "sara")


@pytest.mark.parametrize("reason", [Reason.DUPLICATE, Reason.INCOMPLETE, Reason.OUTSIDE, Reason.SUSPICIOUS])
def test_a_call_that_was_rejected_for_another_reason_is_still_a_call(reason: Reason) -> None:
    case = case_of(logic.reject(pending(), reason, None, "sara", LATER))
    assert case is not None
    assert (case.label, case.gold, case.reason) == ("casting_call", None, str(reason))


@pytest.mark.parametrize("reason", [Reason.OVER, Reason.OTHER])
def test_a_reason_that_does_not_tell_makes_no_case(reason: Reason) -> None:
    assert case_of(logic.reject(pending(), reason, None, "sara", LATER)) is None


def test_every_reason_is_decided_upon() -> None:
    assert set(REJECTIONS) == set(Reason)


def test_reopening_takes_the_case_back_and_the_next_decision_makes_a_new_one() -> None:
    rejected = logic.reject(pending(), Reason.NOT_A_CALL, None, "sara", NOW)
    reopened = logic.reopen(rejected, "sara", NOW)
    assert case_of(reopened) is None
    case = case_of(logic.approve(reopened, "omar", LATER))
    assert case is not None
    assert (case.label, case.reviewer, case.version) == ("casting_call", "omar", 4)


def test_an_edit_before_the_reopening_does_not_count() -> None:
    approved = logic.edit(logic.approve(pending(), "sara", NOW), FIXED, "omar", NOW)
    assert case_of(logic.reopen(approved, "sara", NOW)) is None


def test_a_call_that_was_withdrawn_or_expired_stays_what_was_approved() -> None:
    approved = logic.approve(pending(), "sara", NOW)
    withdrawn = logic.withdraw(approved, "the producer asked", "omar", LATER)
    expired = logic.expire(approved, date(2026, 12, 2), LATER)
    assert expired is not None
    for call in (withdrawn, expired):
        case = case_of(call)
        assert case is not None
        assert (case.label, case.gold, case.reviewer, case.at) == ("casting_call", approved.fields, "sara", NOW)


def test_a_call_that_whatsapp_took_out_before_anybody_decided_makes_no_case() -> None:
    gone = suggestions.deleted_in_whatsapp(pending(), "deleted:m1", NOW, withdraw_it=True)
    assert gone is not None
    assert case_of(gone) is None


def test_an_edit_in_whatsapp_that_was_taken_up_changes_text_and_gold_together() -> None:
    suggested = edited_in_whatsapp(logic.approve(pending(), "sara", NOW))
    case = case_of(suggestions.accept(suggested, suggested.suggestions[0].id, "omar", LATER))
    assert case is not None
    assert case.gold is not None
    assert (case.text, case.gold.location_city, case.reviewer) == ("مطلوب ممثل سعودي في الدمام", "Dammam", "omar")


def test_a_copy_of_an_earlier_call_is_a_call_without_gold() -> None:
    earlier = logic.received(extracted("m0"), NOW)
    case = case_of(merges.same_as(pending(), earlier, "sara", LATER))
    assert case is not None
    assert (case.label, case.gold, case.reason) == ("casting_call", None, "duplicate")


def test_fields_that_hold_another_messages_news_are_no_gold_for_the_call_s_own_words() -> None:
    approved = logic.approve(pending(), "sara", NOW)
    news = approved.fields.model_copy(update={"deadline": date(2026, 12, 24)})
    case = case_of(merges.informed(approved, news, "another call", "omar", LATER))
    assert case is not None
    assert (case.label, case.gold) == ("casting_call", None)


def test_a_stopped_message_that_is_confirmed_to_be_a_call_is_one_at_once() -> None:
    sampled = logic.received(extracted().model_copy(update={"check": True}), NOW)
    case = case_of(logic.is_call(sampled, "sara", LATER))
    assert case is not None
    assert (case.label, case.gold, case.check, case.reviewer) == ("casting_call", None, True, "sara")


def test_a_sampled_rejection_keeps_its_mark() -> None:
    sampled = logic.received(extracted().model_copy(update={"check": True}), NOW)
    case = case_of(logic.reject(sampled, Reason.NOT_A_CALL, None, "sara", NOW))
    assert case is not None
    assert case.check
