"""What must hold for any text at all, asked of every stage that reads one; for the properties and the long runs."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from functools import cache

from services.extractor import logic
from services.extractor.answer import Answer
from services.extractor.forwards import key_of
from services.extractor.grounding import Grounder
from services.extractor.offline.engine import LONGEST, extract
from services.extractor.posts.facts import facts_of
from services.extractor.posts.shingles import sample
from services.filter.endings import added, says_over
from services.filter.lexicon import Lexicon
from services.filter.linear import Linear
from services.filter.logic import RULES, Policy, judge_text
from shared.arabic.dates import find_dates
from shared.arabic.digits import find_numbers
from shared.arabic.fingerprint import fingerprint
from shared.arabic.money import find_money
from shared.arabic.normalise import Folded, Place, fold, fold_text
from shared.arabic.phones import find_phones
from shared.contracts.messages import RAW_EVENT
from shared.contracts.pipeline import DeadLetter, Engine, Extraction
from shared.errors import Malformed
from shared.whapi.letters import reread, unreadable
from shared.whapi.values import mapping
from shared.whapi.wire import (
    inspect_delivery,
    inspect_page,
    read_error,
    read_groups,
    read_health,
    read_limits,
    webhook_registration,
)

SENT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_RULES = {rule.name for rule in RULES}
EMPTY = Extraction(call=None, reason="-", engine=Engine(name="offline"))


@cache
def _lists() -> tuple[Lexicon, Linear, Policy]:
    return Lexicon.load(), Linear.load(), Policy()


def folding(text: str) -> Folded:
    """Both foldings agree and change nothing the second time; the map runs forwards and covers the raw text."""
    plain = fold_text(text)
    folded = fold(text)
    assert folded.text == plain
    assert fold_text(plain) == plain
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    last = 0
    for start, end in zip(folded.starts, folded.ends, strict=True):
        assert 0 <= start < end <= len(text)
        assert last <= start
        last = start
    lined = fold(text, lines=True)
    assert lined.text.replace("\n", " ").split() == plain.split()
    name = fingerprint(text)
    assert name == fingerprint(plain)
    assert name in {"", *([name] if len(name) == 32 else [])}
    return folded


def parsers(folded: Folded) -> None:
    """Whatever is found stands where it is said to, in the folded text and in the raw one."""
    dates, numbers = find_dates(folded, SENT), find_numbers(folded)
    phones, sums = find_phones(folded, "SA"), find_money(folded)
    for place in (one.place for found in (dates, numbers, phones, sums) for one in found):
        _stands(folded, place)
    for phone in phones:
        assert phone.e164.startswith("+") and phone.e164[1:].isascii() and phone.e164[1:].isdigit()
    for one in sums:
        assert one.amount > 0
    spans = [(mention.place.start, mention.place.end) for mention in dates]
    assert spans == sorted(spans)


def _stands(folded: Folded, place: Place) -> None:
    assert 0 <= place.start < place.end <= len(folded.text)
    assert 0 <= place.raw_start < place.raw_end <= len(folded.raw)


def judged(text: str) -> None:
    """The filter has a verdict by a rule that it knows, with finite figures, and the same with a folding given."""
    lexicon, linear, policy = _lists()
    verdict = judge_text(text, policy=policy, lexicon=lexicon, linear=linear)
    assert verdict.rule in _RULES
    assert verdict.score is None or abs(verdict.score) < 1e6
    verdict.model_dump_json().encode()
    folded = fold_text(text)
    given = judge_text(text, policy=policy, lexicon=lexicon, linear=linear, folded=folded)
    assert (given.passed, given.rule) == (verdict.passed, verdict.rule) or len(text) > 8000
    assert fingerprint(text, folded=folded) == fingerprint(text)
    says_over(folded)
    added("", text)


def read_offline(text: str) -> Extraction:
    """The offline engine gives a call that travels, and evidence that is the raw text's own words."""
    extraction = extract(text, SENT)
    evident(extraction, text)
    assert extraction.call is not None or extraction.reason
    return extraction


def read_by_a_model(text: str, shadow: Extraction) -> None:
    """A model that says of this text what the offline engine says is believed only with words from the text."""
    if shadow.call is None:
        return
    said = shadow.call.model_dump(mode="json")
    quotes = [{"field": path, "quote": place.text} for path, place in shadow.evidence.items()]
    answer = Answer.model_validate({"is_casting_call": True, "call": said, "evidence": quotes})
    for beside in (shadow, EMPTY):
        joined = logic.joined(
            answer, beside, text=text[:LONGEST], sent_at=SENT, engine=Engine(name="openai", model="m")
        )
        evident(joined, text)


def grounded(words: str, text: str) -> None:
    """Words that are found stand there; the text's own first word is found again."""
    found = Grounder(text).ground(words)
    if found is not None:
        assert text[found.start : found.end] == found.text
        assert fold_text(found.text)


def likened(text: str) -> None:
    """The facts by which posts are compared and found can be read from anything."""
    facts_of(text, SENT)
    assert all(0 <= one < 2**63 for one in sample(text))
    assert key_of(text, SENT, "m") == key_of(text, SENT, "m")


def evident(extraction: Extraction, text: str) -> None:
    """Evidence is the text's own words, and what was read travels."""
    for path, place in extraction.evidence.items():
        assert text[place.start : place.end] == place.text, path
    assert Extraction.model_validate_json(extraction.model_dump_json()) == extraction


def delivered(body: object) -> None:
    """Whatever comes out of a webhook's body, or of a page with its messages, can travel and be read again."""
    for found in (inspect_delivery(mapping(body)), inspect_page(mapping(body))):
        for event in found.events:
            assert RAW_EVENT.validate_json(event.model_dump_json()) == event
        assert len(found.malformed) <= found.broken <= found.pieces
        for piece in found.malformed:
            letter = unreadable(
                piece.payload.encode(), piece.reason, f"{piece.part}[0]", stage="receiver", subject="x", now=SENT
            )
            assert DeadLetter.model_validate_json(letter.model_dump_json()) == letter
            with suppress(Malformed):
                reread(letter)


def answered(body: object) -> None:
    """The gateway's other answers are read whatever they hold; our hook in its settings is there once."""
    for group in read_groups(body):
        assert group.size is None or group.size >= 0
    assert read_health(body).status
    read_limits(body)
    assert "\n" not in read_error(body)
    once = webhook_registration(body, "https://a.example/hook")
    assert webhook_registration(once, "https://a.example/hook") == once


def everything(text: str, words: str = "") -> None:
    """All of it."""
    folded = folding(text)
    parsers(folded)
    judged(text)
    read_by_a_model(text, read_offline(text))
    grounded(words or text[:12], text)
    likened(text)
