"""What a reviewer's decision says about a message: the labelled case that the filter and the extractor learn from."""

from __future__ import annotations

from collections.abc import Sequence

from services.publisher.logic import Reason
from shared.storage.calls import Call, HistoryEntry, Status
from shared.storage.cases import Case, Label

REJECTIONS: dict[str, Label | None] = {
    Reason.NOT_A_CALL: "other",
    Reason.DUPLICATE: "casting_call",  # it is one, and known already
    Reason.INCOMPLETE: "casting_call",
    Reason.OUTSIDE: "casting_call",
    Reason.SUSPICIOUS: "casting_call",  # a likely scam seeks people too; flags and reviewers stop it, not the filter
    Reason.OVER: None,  # "the roles are taken" is no call, a call read too late is one: the reason does not tell
    Reason.OTHER: None,
}
"""What each reason of a rejection says about the message; None: nothing, and no case is made."""


_CONFIRMING = ("edited", "is_call")


def case_of(call: Call) -> Case | None:
    """The case that the call's standing decision makes; None where there is none, or it says nothing.

    An approval gives the fields as gold, with every correction made since. A call that still waits and was corrected,
    or confirmed where the filter had stopped it, is one, no more: the fields nobody has looked at yet are the machine's
    own. A rejection, a merge with an earlier call among them, gives a label. Whatever was undone by reopening the call
    does not count.
    """
    standing = _since_reopened(call.history)
    approval, rejection = _last(standing, Status.APPROVED), _last(standing, Status.REJECTED)
    confirmed = [entry for entry in standing if entry.action in _CONFIRMING]
    if approval is not None:
        return _case(call, "casting_call", _last_correction(standing, approval), approved=True)
    if rejection is not None:
        label = REJECTIONS.get(rejection.reason or "")
        return _case(call, label, rejection) if label else None
    return _case(call, "casting_call", confirmed[-1]) if confirmed else None


def _since_reopened(history: Sequence[HistoryEntry]) -> Sequence[HistoryEntry]:
    for at in range(len(history) - 1, -1, -1):
        entry = history[at]
        if entry.after is Status.PENDING and entry.before not in (None, Status.PENDING):
            return history[at + 1 :]
    return history


def _last(entries: Sequence[HistoryEntry], status: Status) -> HistoryEntry | None:
    """The entry that brought the call into this status."""
    brought = (entry for entry in reversed(entries) if entry.after is status and entry.before is not status)
    return next(brought, None)


def _last_correction(entries: Sequence[HistoryEntry], approval: HistoryEntry) -> HistoryEntry:
    """Who answers for the fields of an approved call: the last who changed them, else who approved."""
    after = entries[entries.index(approval) :]
    return next((entry for entry in reversed(after) if entry.action in ("edited", "accepted")), approval)


def _case(call: Call, label: Label, decision: HistoryEntry, *, approved: bool = False) -> Case:
    message = call.message
    return Case(
        id=call.id,
        version=call.version,
        message_id=message.message_id,
        group=message.group,
        text=message.text,
        sent_at=message.sent_at,
        label=label,
        gold=call.fields if approved and not _has_news(call) else None,
        reason=decision.reason,
        reviewer=decision.actor,
        at=decision.at,
        verdict=call.verdict,
        engine=call.engine,
        original=call.original,
        check=call.check,
    )


def _has_news(call: Call) -> bool:
    """Whether facts went into the fields that no reviewer looked at with the words they came from."""
    return any(entry.action in ("informed", "updated") for entry in call.history)
