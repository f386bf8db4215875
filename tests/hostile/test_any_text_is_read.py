"""Any text at all goes through folding, parsers, filter, extractor and grounding: ours is the only way to fail."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.extractor import logic
from services.extractor.answer import Answer
from services.extractor.offline.engine import LONGEST
from services.extractor.posts.body import body
from shared.arabic.fingerprint import fingerprint
from shared.arabic.normalise import LONGEST_MESSAGE, fold, fold_text
from shared.contracts.calls import LEAST, MOST, Compensation, PayKind
from shared.contracts.pipeline import Engine
from shared.whapi.values import scrub
from tests.hostile import checks
from tests.hostile.texts import PIECES, SURROGATES, hostile, raw_text, text

some = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@some
@given(text)
@example("ﷺ" * 50)
@example("\u0644\u0627\u0653" * 20)
@example("عاااااجل  \u2028 soooo")
def test_folding_is_one_and_its_map_holds(raw: str) -> None:
    checks.folding(raw)


@some
@given(text)
@example("٠٥٠٠٠٠٠١٧٢ 0500000172 00966500000172")
@example("31/2/2026 30/2 32/1 0/0 1447/13/45 ٣١ فبراير")
def test_what_parsers_find_stands_where_they_say(raw: str) -> None:
    checks.parsers(fold(raw, lines=True))
    checks.parsers(fold(raw))


@some
@given(text)
def test_the_filter_has_a_verdict_on_everything(raw: str) -> None:
    checks.judged(raw)


@some
@given(text)
@example("مطلوب ممثل 0.01 ريال")
@example("مطلوب ممثل الأجر 0.001 ريال والأجر 100000001 ريال")
@example("مطلوب ممثلة عمر 0-0 سنة وعمر 999-1000")
@example("ﷺ" * 90 + " مطلوب ممثل سعودي، للتواصل 0500000172")  # a title of 90 signs that become 1,620
@example("\u0640" * 30 + "\nمطلوب ممثل سعودي، للتواصل 0500000172")  # a title of letters that all go
@example("\u0640" * 30)
def test_the_offline_engine_reads_everything_and_shows_its_evidence(raw: str) -> None:
    checks.read_by_a_model(raw, checks.read_offline(raw))


@some
@given(st.text(max_size=40) | st.sampled_from(PIECES), text)
def test_grounded_words_stand_in_the_text(words: str, raw: str) -> None:
    checks.grounded(words.encode("utf-8", "replace").decode(), raw)


@settings(max_examples=25, deadline=None)
@given(text)
def test_facts_for_comparing_posts_are_read_from_anything(raw: str) -> None:
    checks.likened(raw)


@settings(max_examples=100, deadline=None)
@given(raw_text)
@example("".join(SURROGATES))
def test_a_scrubbed_text_can_be_stored_and_keeps_its_length(raw: str) -> None:
    clean = scrub(raw)
    clean.encode()
    assert "\x00" not in clean
    assert scrub(clean) == clean
    assert len(clean) <= len(raw)
    assert scrub(json.loads(json.dumps(raw))) == clean


@pytest.mark.parametrize("piece", ["ا", "\u064b", "👨‍👩‍👧", "\n", "1/1 "])
def test_a_message_of_a_million_characters_is_read_like_any_other(piece: str) -> None:
    raw = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    checks.judged(raw)
    checks.read_offline(raw)
    checks.likened(raw)


def test_a_seed_gives_the_same_hostile_text_again() -> None:
    assert [hostile(Random(7)) for _ in range(3)] == [hostile(Random(7)) for _ in range(3)]
    assert len({hostile(Random(seed)) for seed in range(50)}) > 40


LINEAR: list[Callable[[str], object]] = [
    checks.folding,
    lambda raw: checks.parsers(fold(raw)),
    checks.judged,
    lambda raw: body(f"{raw} مطلوب ممثل"),
]
FLOODS = [
    "hi ", "محول ", "السلام عليكم ", "بالتوفيق ", "ا", "1 ", "٠٥ ", "http://", "@a", "<!--",
    "مطلوب ممثل عمر 20-30 سنه\n", "1/1 ", "و",
]  # fmt: skip
MOST_STEPS = 2_000_000


@pytest.mark.parametrize("stage", range(len(LINEAR)))
@pytest.mark.parametrize("piece", FLOODS)
def test_four_times_the_text_costs_about_four_times_the_steps(stage: int, piece: str) -> None:
    """Steps are calls made by our own Python; patterns are held to a bound of their own elsewhere."""
    small, large = (_steps(LINEAR[stage], _flood(piece, size)) for size in (600, 2400))
    assert large <= 6 * small + 2000


@pytest.mark.parametrize("piece", ["1/1 ", "الخميس "])
def test_what_the_extractor_reads_is_bounded_and_so_is_its_work(piece: str) -> None:
    assert _steps(checks.read_offline, _flood(piece, 3 * LONGEST)) < MOST_STEPS


def test_a_flood_of_greetings_before_a_call_is_taken_off_it_whole() -> None:
    assert body("hi " * 2000 + "casting two actors") == "casting two actors"
    assert body("محول " * 2000 + "مطلوب ﷺ ممثل \u0640 🤍") == "مطلوب ﷺ ممثل \u0640 🤍"
    assert body("hi " * 2000 + "🤍") == "hi " * 2000 + "🤍"


def test_texts_longer_than_a_message_can_be_share_a_name_where_they_are_the_same_alone() -> None:
    long = "مطلوب ممثل " * 10_000
    assert fingerprint(long) == fingerprint(long, folded=fold_text(long))
    assert len({fingerprint(long), fingerprint(long + "ا"), fingerprint(long[:LONGEST_MESSAGE])}) == 3


def _flood(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def _steps(work: Callable[[str], object], raw: str) -> int:
    work(raw)  # what is remembered from the first time does not count
    steps = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal steps
        steps += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work(raw)
    finally:
        sys.setprofile(None)
    return steps


@pytest.mark.parametrize("figure", ["1e40", "1e308", "-1", "0", "0.001", "100000001"])
def test_a_sum_that_no_call_can_carry_is_dropped_and_told_and_the_call_stays(figure: str) -> None:
    pay = f'{{"kind": "paid", "amount": {figure}, "amount_max": {figure}}}'
    said = f'{{"is_casting_call": true, "call": {{"title": "مطلوب ممثل", "compensation": {pay}}}, "evidence": []}}'
    answer = Answer.model_validate_json(said)
    model = Engine(name="openai", model="m")
    extraction = logic.joined(answer, checks.EMPTY, text="مطلوب ممثل 1e40 0.001", sent_at=checks.SENT, engine=model)
    assert extraction.call is not None
    assert (extraction.call.compensation.amount, extraction.call.compensation.amount_max) == (None, None)
    assert "compensation" in logic.unsupported(extraction)


def test_a_sum_too_small_or_too_large_does_not_cost_the_call() -> None:
    for words in ("100000001 ريال", "٩٩٩٩٩٩٩٩٩ ريال", "0.001 ريال"):
        extraction = checks.read_offline(f"مطلوب ممثل سعودي لفيلم قصير في الرياض، الأجر {words}، للتواصل 0500000172")
        assert extraction.call is not None
        assert extraction.call.contacts


def test_every_sum_that_a_call_may_carry_is_read_again_as_it_was_written() -> None:
    for amount in (LEAST, Decimal("0.015"), Decimal("99999999.999999999999"), MOST):
        pay = Compensation(kind=PayKind.PAID, amount=amount)
        assert Compensation.model_validate_json(pay.model_dump_json()).amount is not None
    with pytest.raises(ValidationError):
        Compensation(kind=PayKind.PAID, amount=Decimal("1e-400"))
