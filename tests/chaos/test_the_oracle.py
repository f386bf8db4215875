"""The oracle itself: silent on a sound world, and it names each kind of loss, double and contradiction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.contracts.ids import call_id, edited_id
from tests.chaos.oracle import findings, summary
from tests.chaos.testimony import Evidence, Posted, Queued, Stood, Told

A, B, COPY, NOISE, KILLER = "post-a", "post-b", "copy-of-a", "noise", "killer"
CA, CB = call_id(A), call_id(B)
EDIT = edited_id(NOISE, "other words")


def sound() -> Evidence:
    """Two calls, a copy, an edit, a deletion and a poisoned message, all as it should be."""
    queued, approved, rejected = ("extractor", "queued"), ("eve", "approved"), ("eve", "rejected")
    return Evidence(
        posts=[Posted(A, "k-a"), Posted(COPY, "k-a"), Posted(B, "k-b"), Posted(NOISE, "k-n", steady=False)],
        edits=[(NOISE, "other words")],
        deletions=[B],
        poison={KILLER: "filter"},
        decided=[(CA, "approve", 2, 1), (CB, "reject", 2, 0)],
        ledger={
            A: Stood(A, "call", call_id=CA),
            B: Stood(B, "call", call_id=CB),
            COPY: Stood(COPY, "duplicate", duplicate_of=A),
            NOISE: Stood(NOISE, "rejected"),
            EDIT: Stood(EDIT, "rejected", edit_of=NOISE),
        },
        calls={
            CA: Queued(CA, A, "approved", 2, 1, 1, (queued, approved), public=True),
            CB: Queued(CB, B, "rejected", 2, 0, 0, (queued, rejected)),
        },
        noted_deletions={CB},
        told=[Told(CA, 1, "approved", "digest")],
        feed={CA: 1},
        dead=[(KILLER, "filter", "kills_worker")],
        reviewer="eve",
    )


def test_a_sound_world_is_found_sound() -> None:
    assert findings(sound()) == []
    assert summary([]) == "0 lost, 0 doubled"


def test_what_a_consumer_sees_twice_is_no_double() -> None:
    world = sound()
    world.told *= 3
    assert findings(world) == []


def without_entry(world: Evidence) -> None:
    del world.ledger[NOISE]


def without_the_edit(world: Evidence) -> None:
    del world.ledger[EDIT]


def half_way(world: Evidence) -> None:
    world.ledger[NOISE] = Stood(NOISE, "candidate")


def on_its_way(world: Evidence) -> None:
    world.in_flight = 1


def never_sent(world: Evidence) -> None:
    world.ledger["invented"] = Stood("invented", "rejected")


def copy_of_nothing(world: Evidence) -> None:
    world.ledger[COPY] = Stood(COPY, "duplicate", duplicate_of="gone")


def copies_of_each_other(world: Evidence) -> None:
    world.ledger[A] = Stood(A, "duplicate", duplicate_of=COPY)


def without_the_call(world: Evidence) -> None:
    del world.calls[CB]


def beside_the_ledger(world: Evidence) -> None:
    world.ledger[B] = Stood(B, "not_a_call")


def two_calls_of_the_same_words(world: Evidence) -> None:
    id = call_id(COPY)
    world.ledger[COPY] = Stood(COPY, "call", call_id=id)
    world.calls[id] = Queued(id, COPY, "pending", 1, 0, 0, (("extractor", "queued"),))


def a_repetition_at_the_desk(world: Evidence) -> None:
    world.calls[CB] = replace(world.calls[CB], copy_of=CA)


def a_call_brought_twice(world: Evidence) -> None:
    world.calls[CB] = replace(world.calls[CB], message_id=A)


def a_deletion_nobody_noted(world: Evidence) -> None:
    world.noted_deletions.clear()


def a_decision_that_went_back(world: Evidence) -> None:
    world.calls[CB] = Queued(CB, B, "pending", 1, 0, 0, (("extractor", "queued"),))


def approved_twice(world: Evidence) -> None:
    call = world.calls[CA]
    world.calls[CA] = replace(call, version=3, history=(*call.history, ("eve", "approved")))


def a_step_too_many(world: Evidence) -> None:
    world.calls[CA] = replace(world.calls[CA], version=3)


def an_approval_nobody_heard_of(world: Evidence) -> None:
    world.told.clear()


def told_in_two_forms(world: Evidence) -> None:
    world.told.append(Told(CA, 1, "approved", "another"))


def out_of_order(world: Evidence) -> None:
    world.calls[CA] = replace(world.calls[CA], revision=2, sent_revision=2)
    world.feed[CA] = 2
    world.told.insert(0, Told(CA, 2, "updated", "second"))


def published_beyond_the_decision(world: Evidence) -> None:
    world.told.append(Told(CB, 1, "approved", "digest"))


def missing_on_the_feed(world: Evidence) -> None:
    world.feed.clear()


def on_the_feed_though_rejected(world: Evidence) -> None:
    world.feed[CB] = 0


def an_old_revision_on_the_feed(world: Evidence) -> None:
    world.feed[CA] = 0


def an_innocent_dead_letter(world: Evidence) -> None:
    world.dead.append((A, "extractor", "kills_worker"))


def poison_that_vanished(world: Evidence) -> None:
    world.dead.clear()


def poison_buried_twice(world: Evidence) -> None:
    world.dead *= 2


LOST, DOUBLED, CONTRADICTION = "lost", "doubled", "contradiction"


@pytest.mark.parametrize(
    ("harm", "verdict", "id"),
    [
        (without_entry, LOST, NOISE),
        (without_the_edit, LOST, EDIT),
        (half_way, LOST, NOISE),
        (on_its_way, LOST, "streams"),
        (never_sent, CONTRADICTION, "invented"),
        (copy_of_nothing, LOST, COPY),
        (copies_of_each_other, LOST, COPY),
        (without_the_call, LOST, CB),
        (beside_the_ledger, CONTRADICTION, CB),
        (two_calls_of_the_same_words, DOUBLED, COPY),
        (a_repetition_at_the_desk, DOUBLED, CB),
        (a_call_brought_twice, DOUBLED, A),
        (a_deletion_nobody_noted, LOST, B),
        (a_decision_that_went_back, LOST, CB),
        (approved_twice, DOUBLED, CA),
        (a_step_too_many, CONTRADICTION, CA),
        (an_approval_nobody_heard_of, LOST, CA),
        (told_in_two_forms, CONTRADICTION, CA),
        (out_of_order, CONTRADICTION, CA),
        (published_beyond_the_decision, DOUBLED, CB),
        (missing_on_the_feed, LOST, CA),
        (on_the_feed_though_rejected, CONTRADICTION, CB),
        (an_old_revision_on_the_feed, CONTRADICTION, CA),
        (an_innocent_dead_letter, LOST, A),
        (poison_that_vanished, LOST, KILLER),
        (poison_buried_twice, DOUBLED, KILLER),
    ],
)
def test_each_harm_is_named_with_its_id(harm: Callable[[Evidence], None], verdict: str, id: str) -> None:
    world = sound()
    harm(world)
    assert (verdict, id) in {(finding.verdict, finding.id) for finding in findings(world)}


def test_a_message_that_was_deleted_before_anybody_told_of_it_is_not_missed() -> None:
    world = sound()
    world.posts.append(Posted("whispered", "k-w", heard=False, deleted=True, steady=False))
    assert findings(world) == []


def test_a_copy_of_a_call_that_was_taken_back_may_be_a_call_of_its_own() -> None:
    world = sound()
    first = world.calls[CA]
    world.calls[CA] = replace(
        first, status="withdrawn", version=3, revision=2, sent_revision=2, public=False,
        history=(*first.history, ("eve", "withdrawn")),
    )  # fmt: skip
    world.told.append(Told(CA, 2, "withdrawn", "second"))
    world.feed.clear()
    world.calls[CB] = replace(world.calls[CB], copy_of=CA)
    assert findings(world) == []
