"""Says what was lost, doubled or contradicted, from what was sent and what is there afterwards. Pure: by ids alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.contracts.ids import call_id, edited_id
from tests.chaos.testimony import Evidence, Posted, Told

Verdict = Literal["lost", "doubled", "contradiction"]
_ENDED = {"rejected", "duplicate", "too_old", "no_text", "not_a_call", "call", "dead"}
_ACTIONS = {
    "approve": "approved",
    "reject": "rejected",
    "withdraw": "withdrawn",
    "reopen": "reopened",
    "edit": "edited",
}
_LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be: of which id, and what is wrong with it."""

    verdict: Verdict
    id: str
    what: str


def findings(evidence: Evidence) -> list[Finding]:
    """Everything that is wrong; empty where all is accounted for, once."""
    checks = (_messages, _edits, _copies, _calls, _doubles, _deletions, _decisions, _events, _feed, _dead)
    return [finding for check in checks for finding in check(evidence)]


def _messages(evidence: Evidence) -> Iterator[Finding]:
    """Every message stands in exactly one end state. One that was deleted before anybody told of it need not."""
    dead = {id for id, *_ in evidence.dead}
    for post in evidence.posts:
        entry = evidence.ledger.get(post.id)
        if entry is None and post.id not in dead and (post.heard or not post.deleted):
            yield Finding("lost", post.id, "is in no ledger" + ("" if post.heard else " (no webhook told of it)"))
        elif entry is not None and entry.state not in _ENDED:
            yield Finding("lost", post.id, f"still stands at {entry.state}")
    known = {post.id for post in evidence.posts} | evidence.poison.keys()
    for entry in evidence.ledger.values():
        if (entry.edit_of or entry.id) not in known:
            yield Finding("contradiction", entry.id, "is in the ledger and was never sent")
    if evidence.in_flight:
        yield Finding("lost", "streams", f"{evidence.in_flight} messages are still on their way")


def _edits(evidence: Evidence) -> Iterator[Finding]:
    for message, text in evidence.edits:
        id = edited_id(message, text)
        entry = evidence.ledger.get(id)
        if entry is None:
            yield Finding("lost", id, "an edit, is in no ledger")
        elif entry.state not in _ENDED:
            yield Finding("lost", id, f"an edit, still stands at {entry.state}")


def _copies(evidence: Evidence) -> Iterator[Finding]:
    """What is said to be a copy leads to something that is none: a copy of nothing is a loss."""
    for entry in evidence.ledger.values():
        if entry.state != "duplicate":
            continue
        at, steps = entry, 0
        while at.state == "duplicate" and steps < _LONGEST_CHAIN:
            following = evidence.ledger.get(at.duplicate_of or "")
            if following is None:
                yield Finding("lost", entry.id, f"is a copy of {at.duplicate_of}, which is not there")
                break
            at, steps = following, steps + 1
        else:
            if steps == _LONGEST_CHAIN:
                yield Finding("lost", entry.id, "is a copy of itself")


def _calls(evidence: Evidence) -> Iterator[Finding]:
    """Ledger and desk name the same calls."""
    said = {call_id(entry.edit_of or entry.id) for entry in evidence.ledger.values() if entry.state == "call"}
    for id in sorted(said - evidence.calls.keys()):
        yield Finding("lost", id, "the ledger says that it is a call, and the desk does not have it")
    for id in sorted(evidence.calls.keys() - said):
        yield Finding("contradiction", id, "is at the desk, and its message does not stand as a call")
    for id, number in Counter(call.message_id for call in evidence.calls.values()).items():
        if number > 1:
            yield Finding("doubled", id, f"brought {number} calls")
    for call in evidence.calls.values():
        if call.version != len(call.history):
            yield Finding("contradiction", call.id, f"version {call.version} after {len(call.history)} steps")


def _doubles(evidence: Evidence) -> Iterator[Finding]:
    """The same words are one call, whoever posted them where."""
    by_key: defaultdict[str, list[Posted]] = defaultdict(list)
    for post in evidence.posts:
        by_key[post.key].append(post)
    for family in by_key.values():
        calls = [post.id for post in family if call_id(post.id) in evidence.calls]
        if len(calls) > 1 and all(post.steady for post in family):
            yield Finding("doubled", calls[1], f"has the words of {calls[0]}, and both are calls")
    for call in evidence.calls.values():
        first = evidence.calls.get(call.copy_of or "")
        actions = {action for _, action in first.history} if first else set()
        if (
            first
            and first.status in ("pending", "approved")
            and actions.isdisjoint({"withdrawn", "expired", "reopened"})
        ):
            yield Finding("doubled", call.id, f"repeats {first.id}, and both are at the desk")


def _deletions(evidence: Evidence) -> Iterator[Finding]:
    for message in evidence.deletions:
        if call_id(message) not in evidence.noted_deletions:
            yield Finding("lost", message, "was deleted, and nobody noted it")


def _decisions(evidence: Evidence) -> Iterator[Finding]:
    """What the desk answered with success stands in the call's history, and no decision twice in a row."""
    acknowledged = Counter((id, action) for id, action, *_ in evidence.decided)
    for (id, action), number in acknowledged.items():
        call = evidence.calls.get(id)
        stood = sum(step == (evidence.reviewer, _ACTIONS[action]) for step in call.history) if call else 0
        if stood < number:
            yield Finding("lost", id, f"{action} was acknowledged {number} times and stands {stood} times")
    for id, action, version, revision in evidence.decided:
        call = evidence.calls.get(id)
        if call and (call.version < version or call.revision < revision):
            yield Finding("lost", id, f"went back behind version {version}, which {action} was answered with")
    for call in evidence.calls.values():
        for before, after in zip(call.history, call.history[1:], strict=False):
            if before == after and after[1] in ("approved", "rejected", "withdrawn", "reopened", "expired"):
                yield Finding("doubled", call.id, f"was {after[1]} twice")


def _events(evidence: Evidence) -> Iterator[Finding]:
    """As a consumer sees `approved`: without what it has seen, each revision once, in order, none missing."""
    seen: defaultdict[str, dict[int, Told]] = defaultdict(dict)
    for event in evidence.told:
        mine = seen[event.call_id]
        if event.revision in mine:
            if mine[event.revision].digest != event.digest:
                yield Finding("contradiction", event.call_id, f"revision {event.revision} was told in two forms")
            continue
        if mine and event.revision < max(mine):
            yield Finding("contradiction", event.call_id, f"revision {event.revision} was told after {max(mine)}")
        mine[event.revision] = event
    for id, mine in seen.items():
        call = evidence.calls.get(id)
        if call is None or max(mine) > call.revision:
            yield Finding("doubled", id, "was published beyond what the desk decided")
    for call in evidence.calls.values():
        missing = set(range(1, call.revision + 1)) - seen[call.id].keys()
        if missing:
            yield Finding("lost", call.id, f"revisions {sorted(missing)} never reached the consumers")
        elif call.sent_revision != call.revision:
            yield Finding("contradiction", call.id, f"was sent and is noted as sent up to {call.sent_revision} only")


def _feed(evidence: Evidence) -> Iterator[Finding]:
    """The feed shows what is approved and open; and what a consumer keeps by the highest revision says the same."""
    public = {call.id: call.revision for call in evidence.calls.values() if call.public}
    for id in sorted(public.keys() - evidence.feed.keys()):
        yield Finding("lost", id, "is approved, and the feed does not show it")
    for id in sorted(evidence.feed.keys() - public.keys()):
        yield Finding("contradiction", id, "is on the feed, and not approved")
    for id in sorted(public.keys() & evidence.feed.keys()):
        if public[id] != evidence.feed[id]:
            yield Finding("contradiction", id, f"revision {public[id]}, on the feed {evidence.feed[id]}")
    kept = {event.call_id: event for event in sorted(evidence.told, key=lambda event: event.revision)}
    for call in evidence.calls.values():
        event = kept.get(call.id)
        shown = event is not None and event.type != "withdrawn"
        if shown != (call.status == "approved"):
            yield Finding("contradiction", call.id, f"is {call.status}, and consumers {'have' if shown else 'lack'} it")


def _dead(evidence: Evidence) -> Iterator[Finding]:
    """Dead letters are of poisoned messages only, and each of those has one."""
    for message, stage, reason in evidence.dead:
        if message not in evidence.poison:
            yield Finding("lost", str(message), f"is a dead letter of the {stage}: {reason}")
    died = Counter(message for message, *_ in evidence.dead)
    for message, worker in evidence.poison.items():
        if died[message] != 1:
            verdict: Verdict = "doubled" if died[message] else "lost"
            yield Finding(verdict, message, f"kills the {worker}: {died[message]} dead letters")


def summary(found: Sequence[Finding]) -> str:
    """How many of each, in words; "0 lost, 0 doubled" where there is nothing."""
    counts = Counter(finding.verdict for finding in found)
    words = f"{counts['lost']} lost, {counts['doubled']} doubled"
    return words + (f", {counts['contradiction']} contradictions" if counts["contradiction"] else "")
