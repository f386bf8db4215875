"""What must hold for any text at all, asked of every stage that reads one; for the properties and the long runs."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from services.extractor import logic
from services.extractor.answer import Answer
from services.extractor.grounding import Grounder
from services.extractor.offline.engine import LONGEST, extract
from services.extractor.posts.facts import facts_of
from services.filter.endings import says_over
from services.filter.lexicon import Lexicon
from services.filter.linear import Linear
from services.filter.logic import RULES, Policy, judge_text
from shared.arabic.dates import find_dates
from shared.arabic.digits import find_numbers
from shared.arabic.fingerprint import fingerprint
from shared.arabic.money import find_money
from shared.arabic.normalise import Folded, Place, fold, fold_text
from shared.arabic.phones import find_phones
from shared.contracts.pipeline import Engine, Extraction

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
    given = judge_text(text, policy=policy, lexicon=lexicon, linear=linear, folded=fold_text(text))
    assert (given.passed, given.rule) == (verdict.passed, verdict.rule) or len(text) > 8000
    says_over(fold_text(text))


def read_offline(text: str) -> Extraction:
    """The offline engine gives a call that travels, and evidence that is the raw text's own words."""
    extraction = extract(text, SENT)
    _evident(extraction, text)
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
        _evident(joined, text)


def grounded(words: str, text: str) -> None:
    """Words that are found stand there; the text's own first word is found again."""
    found = Grounder(text).ground(words)
    if found is not None:
        assert text[found.start : found.end] == found.text
        assert fold_text(found.text)


def likened(text: str) -> None:
    """The facts by which posts are compared can be read from anything."""
    facts_of(text, SENT)


def _evident(extraction: Extraction, text: str) -> None:
    for path, place in extraction.evidence.items():
        assert text[place.start : place.end] == place.text, path
    assert Extraction.model_validate_json(extraction.model_dump_json()) == extraction


def everything(text: str, words: str = "") -> None:
    """All of it."""
    folded = folding(text)
    parsers(folded)
    judged(text)
    read_by_a_model(text, read_offline(text))
    grounded(words or text[:12], text)
    likened(text)
