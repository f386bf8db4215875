"""The plan and the load are drawn from the seed alone, and hit everything that they should."""

from __future__ import annotations

from itertools import islice

from tests.chaos.load import GROUPS, Sent, Step, steps
from tests.chaos.plan import KINDS, LINKS, SERVERS, STREAMS, WORKERS, drawn


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    assert drawn("7", 200, every_s=1.5) == drawn("7", 200, every_s=1.5)
    assert drawn("7", 200, every_s=1.5) != drawn("8", 200, every_s=1.5)


def test_a_short_plan_has_as_many_kinds_as_it_can() -> None:
    for seed in ("1", "2", "3"):
        faults = drawn(seed, len(KINDS) + 1, every_s=1)
        assert {fault.kind for fault in faults} == {kind.name for kind in KINDS} | {"poison"}


def test_a_long_plan_hits_every_process_link_and_stream() -> None:
    hit = {(fault.kind, fault.target) for fault in drawn("1", 1000, every_s=1.5)}
    assert {("kill", worker) for worker in WORKERS} <= hit
    assert {(kind, server) for kind in ("kill-server", "restart-server", "freeze") for server in SERVERS} <= hit
    assert {(kind, link) for kind in ("reset", "slow-link", "black-hole") for link in LINKS} <= hit
    assert {("disk-full", stream) for stream in STREAMS} <= hit
    assert {target for kind, target in hit if kind == "poison"} == {"filter", "extractor"}


def test_faults_come_in_order_at_the_pace_that_was_asked_for() -> None:
    faults = drawn("1", 400, every_s=1.5)
    times = [fault.at for fault in faults]
    assert times == sorted(times)
    assert 590 < times[-1] < 610
    assert sorted(fault.number for fault in faults) == list(range(1, 401))


def test_a_plan_without_poison_has_none() -> None:
    assert "poison" not in {fault.kind for fault in drawn("1", 300, every_s=1, poison=False)}


def test_the_same_seed_says_the_same_in_the_groups() -> None:
    first, second, other = (list(islice(steps(seed), 300)) for seed in ("7", "7", "8"))
    assert first == second
    assert first != other
    assert len({step.id for step in first if step.what == "post"}) == sum(step.what == "post" for step in first)


def test_the_load_has_copies_edits_deletions_and_messages_that_no_webhook_tells_of() -> None:
    said = list(islice(steps("1"), 1000))
    posts = [step for step in said if step.what == "post"]
    assert {step.what for step in said} == {"post", "edit", "delete"}
    assert {step.group for step in posts} == set(GROUPS)
    assert any(not step.heard for step in posts)
    assert len({step.text for step in posts}) < len(posts)
    known: set[str] = set()
    for step in said:
        assert (step.id in known) == (step.what != "post")
        known.add(step.id)


def test_what_was_sent_is_kept_by_what_it_was() -> None:
    sent = Sent()
    for step in (Step("post", "a", "g", "words"), Step("edit", "a", "g", "other"), Step("delete", "a")):
        sent.note(step)
    assert (list(sent.posts), len(sent.edits), len(sent.deletions), sent.events) == (["a"], 1, 1, 3)
