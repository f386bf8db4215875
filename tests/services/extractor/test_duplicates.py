"""Who is whose copy, with stores in memory: two at once, crashes, edits, dead originals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from services.extractor.duplicates import Duplicates, OriginalOpen
from services.extractor.handlers import ExtractorHandlers
from services.extractor.posts.shingles import sample
from services.extractor.settings import ExtractorSettings
from shared.broker.ports import RecordingPublisher
from shared.broker.settle import Again, decide
from shared.contracts.calls import CastingCall
from shared.contracts.ids import call_id
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Candidate, Engine, ExtractedCall, Extraction, Relation, Verdict
from shared.errors import BudgetSpent, Unavailable
from shared.storage.ledger import Entry, State
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.signatures import MemorySignatures
from shared.storage.signatures import Signature

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEXT = (
    "مطلوب ممثل سعودي لإعلان قهوة\nعمر ٣٠-٤٠\nلحية خفيفة\nالتصوير بالرياض يوم ٢٨ نوفمبر\n"
    "الأجر ١٥٠٠ ريال\nواتساب 0500002111"
)
FORWARD = "↪️ محولة\n" + TEXT.replace("\n", " - ")
UPDATE = TEXT.replace("٢٨ نوفمبر", "٣٠ نوفمبر")
SIBLING = TEXT.replace("ممثل سعودي", "ممثلة مصرية").replace("0500002111", "0500002199")
CALL = CastingCall(title="إعلان قهوة")
OTHER = "Need 3 dancers for a wedding scene in Jeddah, Tuesday night, 900 SAR each, DM @dance.casting"


@dataclass
class Reads:
    """An engine that counts the questions, and answers the same to each."""

    name: str
    call: CastingCall | None = CALL
    asked: list[str] = field(default_factory=list)
    error: Exception | None = None

    async def extract(self, candidate: Candidate) -> Extraction:
        """Its answer."""
        self.asked.append(candidate.message.message_id)
        if self.error is not None:
            raise self.error
        return Extraction(call=self.call, reason=None if self.call else "news", engine=Engine(name=self.name))

    async def ready(self) -> None:
        """Always."""


class House:
    """The handlers on stores in memory, with a clock that tests turn."""

    def __init__(self) -> None:
        self.now = START
        self.model, self.offline = Reads("openai"), Reads("offline")
        self.signatures = MemorySignatures()
        self.ledger, self.publisher = MemoryLedger(), RecordingPublisher()
        self.patient(timedelta(minutes=5))

    def patient(self, patience: timedelta) -> None:
        """Has copies wait for so long."""
        self.duplicates = Duplicates(
            self.signatures, self.ledger, lambda: self.now, kept=timedelta(days=30), patience=patience
        )
        self.handlers = ExtractorHandlers(self.model, self.offline, self.duplicates, self.ledger, self.publisher)

    async def take(self, candidate: Candidate) -> None:
        """Handles a candidate whose message the ledger knows."""
        id = candidate.edit_id or candidate.message.message_id
        message = candidate.message
        entry = Entry(id, f"RAW:{id}", State.CANDIDATE, message.group.id, message.sent_at, self.now, "webhook")
        await self.ledger.record([entry])
        await self.handlers.on_candidate(candidate)

    @property
    def told(self) -> dict[str, ExtractedCall]:
        """What was handed on, by message (an edit by its id)."""
        events = [event for event in self.publisher.events if isinstance(event, ExtractedCall)]
        return {event.edit_id or event.message.message_id: event for event in events}


def candidate(
    id: str, text: str = TEXT, *, after: float = 0, edit_id: str | None = None, check: bool = False
) -> Candidate:
    message = RawMessage(
        event_id=f"post:{id}",
        message_id=id,
        group=Group(id=f"{id}@g.us"),
        sent_at=START + timedelta(seconds=after),
        text=text,
    )
    return Candidate(
        event_id=f"candidate:{edit_id or id}",
        message=message,
        verdict=Verdict(passed=True, rule="scored"),
        edit_id=edit_id,
        check=check,
    )


@pytest.fixture
def house() -> House:
    return House()


async def test_a_forward_is_handed_on_as_a_copy_without_a_question_to_the_model(house: House) -> None:
    await house.take(candidate("m1"))
    await house.take(candidate("m2", FORWARD, after=3600))
    assert (house.model.asked, house.offline.asked) == (["m1"], ["m2"])
    likeness = house.told["m2"].likeness
    assert likeness is not None
    assert (likeness.relation, likeness.message_id, likeness.call_id) == (Relation.SAME, "m1", call_id("m1"))
    assert likeness.containment > 0.9
    assert house.told["m1"].likeness is None
    stage = house.ledger.entries["m2"].stages["extractor"]
    assert (stage["likeness"], stage["like"]) == ("same", "m1")


@pytest.mark.parametrize(
    ("text", "relation", "conflict"),
    [(UPDATE, Relation.UPDATE, "shoot_dates"), (SIBLING, Relation.SIBLING, "contacts")],
)
async def test_an_update_and_a_sibling_are_read_and_carry_their_likeness(
    house: House, text: str, relation: Relation, conflict: str
) -> None:
    await house.take(candidate("m1"))
    await house.take(candidate("m2", text, after=60))
    assert house.model.asked == ["m1", "m2"]
    likeness = house.told["m2"].likeness
    assert likeness is not None
    assert likeness.relation is relation
    assert conflict in likeness.conflicts


async def test_another_call_is_like_nothing(house: House) -> None:
    await house.take(candidate("m1"))
    await house.take(candidate("m2", OTHER, after=60))
    assert house.told["m2"].likeness is None


async def test_a_copy_waits_until_its_original_was_handed_on(house: House) -> None:
    house.model.error = Unavailable("model")
    with pytest.raises(Unavailable):
        await house.take(candidate("m1"))
    for _ in range(2):
        with pytest.raises(OriginalOpen):
            await house.take(candidate("m2", FORWARD, after=5))
    house.model.error = None
    await house.take(candidate("m1"))
    await house.take(candidate("m2", FORWARD, after=5))
    assert house.told["m2"].likeness is not None
    assert house.model.asked == ["m1", "m1"]


async def test_the_earlier_of_two_open_ones_takes_the_later(house: House) -> None:
    """Both were written down; neither was decided when the later one looked."""
    house.publisher.error = Unavailable("broker")
    late, early = candidate("m2", FORWARD, after=5), candidate("m1")
    with pytest.raises(OriginalOpen):
        await _written(house, late, early)
    house.publisher.error = None
    await house.take(early)
    assert house.signatures.kept["m2"].original == "m1"
    await house.take(late)
    assert house.told["m2"].likeness is not None
    assert house.told["m1"].likeness is None


async def test_a_later_post_that_was_decided_first_stays_the_original(house: House) -> None:
    """The poller brings the earlier post after the webhook has brought the later one."""
    await house.take(candidate("m2", FORWARD, after=5))
    await house.take(candidate("m1"))
    likeness = house.told["m1"].likeness
    assert likeness is not None
    assert (likeness.relation, likeness.message_id) == (Relation.SAME, "m2")


async def test_an_original_that_died_holds_its_copies_up_for_a_while_only(house: House) -> None:
    house.model.error = RuntimeError("poison")
    with pytest.raises(RuntimeError):
        await house.take(candidate("m1"))
    house.model.error = None
    with pytest.raises(OriginalOpen):
        await house.take(candidate("m2", FORWARD, after=5))
    house.now += timedelta(minutes=6)
    await house.take(candidate("m2", FORWARD, after=5))
    assert house.told["m2"].likeness is not None  # the publisher finds no such call and queues it


async def test_a_copy_of_a_dead_letter_goes_on_at_once(house: House) -> None:
    house.model.error = RuntimeError("poison")
    with pytest.raises(RuntimeError):
        await house.take(candidate("m1"))
    house.model.error = None
    await house.ledger.settle("m1", State.DEAD, stage="dead", detail={})
    await house.take(candidate("m2", FORWARD, after=5))
    assert house.told["m2"].likeness is not None  # the publisher finds no such call and queues it


async def test_a_copy_waits_for_an_original_that_waits_for_a_new_day_s_budget(house: House) -> None:
    """Else it goes on alone, and so does the original in the end: one call twice at the desk."""
    settings: ExtractorSettings = ExtractorSettings.load()
    house.patient(timedelta(seconds=settings.likeness_patience_s))
    house.model.error = BudgetSpent("spent", retry_after=80_000)
    with pytest.raises(BudgetSpent):
        await house.take(candidate("m1"))
    again = decide(house.model.error, 1)
    assert isinstance(again, Again)
    house.now += timedelta(seconds=again.delay_s)  # its next try is due by now, and may take a moment
    with pytest.raises(OriginalOpen):
        await house.take(candidate("m2", FORWARD, after=5))


async def test_a_copy_of_what_is_no_call_is_read_by_itself_and_leads_the_next(house: House) -> None:
    house.model.call = None
    await house.take(candidate("m1"))
    house.model.call = CastingCall(title="إعلان قهوة")
    await house.take(candidate("m2", FORWARD, after=5))
    await house.take(candidate("m3", TEXT + "\nمنقول", after=9))
    assert house.model.asked == ["m1", "m2"]
    assert house.told["m2"].likeness is None
    likeness = house.told["m3"].likeness
    assert likeness is not None
    assert likeness.message_id == "m2"


async def test_a_copy_of_a_copy_is_one_of_the_original(house: House) -> None:
    await house.take(candidate("m1"))
    await house.take(candidate("m2", FORWARD, after=5))
    await house.take(candidate("m3", FORWARD + "\nبالتوفيق للجميع", after=9))
    likeness = house.told["m3"].likeness
    assert likeness is not None
    assert likeness.message_id == "m1"


async def test_an_edit_is_no_copy_of_its_own_earlier_words_and_renews_them(house: House) -> None:
    await house.take(candidate("m1"))
    await house.take(candidate("m1", UPDATE, edit_id="edit:m1:1"))
    assert house.told["edit:m1:1"].likeness is None
    await house.take(candidate("m2", UPDATE + "\nمنقول", after=50))
    likeness = house.told["m2"].likeness
    assert likeness is not None
    assert likeness.relation is Relation.SAME


async def test_a_copy_that_is_edited_into_another_call_is_read(house: House) -> None:
    await house.take(candidate("m1"))
    await house.take(candidate("m2", FORWARD, after=5))
    await house.take(candidate("m2", SIBLING, after=5, edit_id="edit:m2:1"))
    likeness = house.told["edit:m2:1"].likeness
    assert likeness is not None
    assert likeness.relation is Relation.SIBLING
    assert house.model.asked == ["m1", "m2"]


async def test_an_edit_of_a_message_that_the_filter_knew_for_a_copy_is_still_known_as_one(house: House) -> None:
    """Word for word in another group, it never came here itself; then somebody puts a typing mistake right in it."""
    await house.take(candidate("m1"))
    for _ in range(2):
        await house.take(candidate("m2", FORWARD, after=5, edit_id="edit:m2:1"))
    likeness = house.told["edit:m2:1"].likeness
    assert likeness is not None
    assert (likeness.relation, likeness.message_id) == (Relation.SAME, "m1")
    assert house.model.asked == ["m1"]


async def test_a_rejection_that_is_checked_is_like_nothing_and_remembered_by_nobody(house: House) -> None:
    await house.take(candidate("m1"))
    await house.take(candidate("m2", FORWARD, after=5, check=True))
    assert house.told["m2"].likeness is None
    assert set(house.signatures.kept) == {"m1"}


@pytest.mark.parametrize("fails_at", ["read", "note", "publish", "settle"])
async def test_a_crash_between_any_two_lines_repeats_harmlessly(house: House, fails_at: str) -> None:
    crash = Unavailable("here")

    async def fails(*args: object, **values: object) -> bool:
        raise crash

    holders = {"note": (house.ledger, "settle"), "settle": (house.signatures, "settle")}
    if fails_at == "read":
        house.model.error = crash
    elif fails_at == "publish":
        house.publisher.error = crash
    else:
        holder, name = holders[fails_at]
        setattr(holder, name, fails)
    with pytest.raises(Unavailable):
        await house.take(candidate("m1"))
    with pytest.raises(OriginalOpen):
        await house.take(candidate("m2", FORWARD, after=5))
    house.model.error = house.publisher.error = None
    for holder, name in holders.values():
        holder.__dict__.pop(name, None)
    await house.take(candidate("m1"))
    await house.take(candidate("m2", FORWARD, after=5))
    assert house.told["m1"].likeness is None
    assert house.told["m2"].likeness is not None
    assert len(house.publisher.events) == 2


async def test_a_second_delivery_of_a_copy_says_the_same(house: House) -> None:
    await house.take(candidate("m1"))
    await house.take(candidate("m2", FORWARD, after=5))
    await house.take(candidate("m2", FORWARD, after=5))
    assert len(house.publisher.events) == 2
    assert house.signatures.kept["m2"].original == "m1"


def _signature(of: Candidate) -> Signature:
    message = of.message
    return Signature(message.message_id, message.text, message.sent_at, START, START + timedelta(days=30))


async def _written(house: House, late: Candidate, early: Candidate) -> None:
    await house.signatures.put(_signature(early), sample(early.message.text))
    await house.take(late)
