"""The desk's JSON API: the queue, one call, and the decisions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import ValidationError

from services.publisher.desk import Unknown
from services.publisher.filters import Filter, Sort
from services.publisher.sightings import sightings
from services.publisher.web.api_models import (
    Approval,
    CallView,
    Edit,
    ErrorView,
    Merge,
    QueuePage,
    Rejection,
    Versioned,
    Withdrawal,
    call_view,
    row,
)
from services.publisher.web.parts import Parts
from services.publisher.web.problems import Problem, problems_in
from services.publisher.web.sessions import Reviewer, SiteParts
from shared.contracts.calls import CastingCall
from shared.errors import TwinError
from shared.storage.calls import Call, Status

ERRORS: dict[int | str, dict[str, Any]] = {code: {"model": ErrorView} for code in (401, 403, 404, 409, 413, 422, 503)}
_MOST_TOLD = 20
router = APIRouter(prefix="/api/v1/calls", tags=["desk"], responses=ERRORS)


class Invalid(TwinError):
    """The input is not what it should be; `problems` says where."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("some fields are not right")
        self.problems = problems


@router.get("")
async def list_calls(
    parts: SiteParts,
    _who: Reviewer,
    status: Status = Status.PENDING,
    group: str | None = None,
    city: str | None = None,
    project_type: str | None = None,
    language: str | None = None,
    flag: str | None = None,
    confidence: Literal["low", "medium", "high"] | None = None,
    age: Literal["hour", "day", "days", "older"] | None = None,
    sort: Sort = Sort.NEWEST,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> QueuePage:
    """Calls in one status, latest message first by default (decided ones: latest decision first, without filters)."""
    try:
        if status in (Status.PENDING, Status.APPROVED):
            wanted = Filter(status, group, city, project_type, language, flag, confidence, age=age, q=q, sort=sort)
            page = parts.backlog.page(wanted, cursor=cursor, limit=limit)
            return QueuePage(items=[row(item) for item in page.rows], total=page.total, next=page.next_cursor)
        before = datetime.fromisoformat(cursor) if cursor else None
        if before is not None and before.tzinfo is None:
            raise ValueError("no time zone")
    except ValueError:
        raise Invalid([Problem(path="cursor", code="cursor", message="not a cursor of this list")]) from None
    rows = await parts.calls.decided(status, before=before, limit=limit)
    following = rows[-1].updated_at.isoformat() if len(rows) == limit else None
    return QueuePage(items=[row(item) for item in rows], total=None, next=following)


@router.get("/{id}")
async def show_call(id: str, parts: SiteParts, _who: Reviewer) -> CallView:
    """One call with its message, evidence, history, sightings and ledger entry."""
    return await view(parts, await found(parts, id))


@router.patch("/{id}")
async def edit_call(id: str, body: Edit, parts: SiteParts, who: Reviewer) -> CallView:
    """Corrects fields. An approved call is published again as a new revision."""
    fields = merged((await found(parts, id)).fields, body.fields)
    return await view(parts, await parts.desk.edit(id, body.version, fields, who.name))


@router.post("/{id}/approve")
async def approve_call(id: str, body: Approval, parts: SiteParts, who: Reviewer) -> CallView:
    """Approves a pending call, with corrections in the same step where given."""
    fields = merged((await found(parts, id)).fields, body.fields) if body.fields else None
    return await view(parts, await parts.desk.approve(id, body.version, who.name, fields))


@router.post("/{id}/reject")
async def reject_call(id: str, body: Rejection, parts: SiteParts, who: Reviewer) -> CallView:
    """Rejects a pending call."""
    return await view(parts, await parts.desk.reject(id, body.version, body.reason, body.note, who.name))


@router.post("/{id}/withdraw")
async def withdraw_call(id: str, body: Withdrawal, parts: SiteParts, who: Reviewer) -> CallView:
    """Takes an approved call back."""
    return await view(parts, await parts.desk.withdraw(id, body.version, body.note, who.name))


@router.post("/{id}/reopen")
async def reopen_call(id: str, body: Versioned, parts: SiteParts, who: Reviewer) -> CallView:
    """Undoes the decision; undoing an approval publishes a withdrawal."""
    return await view(parts, await parts.desk.reopen(id, body.version, who.name))


@router.post("/{id}/is-call")
async def confirm_call(id: str, body: Versioned, parts: SiteParts, who: Reviewer) -> CallView:
    """Says that the filter should not have stopped this message; the call then waits like any other."""
    return await view(parts, await parts.desk.is_call(id, body.version, who.name))


@router.post("/{id}/same-as")
async def merge_call(id: str, body: Merge, parts: SiteParts, who: Reviewer) -> CallView:
    """Makes a pending call a sighting of an earlier one."""
    return await view(parts, await parts.desk.same_as(id, body.version, body.earlier, who.name))


@router.post("/{id}/update-of")
async def update_call(id: str, body: Merge, parts: SiteParts, who: Reviewer) -> CallView:
    """Gives a pending call's facts to an earlier one, which is published again if approved."""
    return await view(parts, await parts.desk.update_of(id, body.version, body.earlier, who.name))


@router.post("/{id}/suggestions/{suggestion}/accept")
async def accept_suggestion(id: str, suggestion: str, body: Versioned, parts: SiteParts, who: Reviewer) -> CallView:
    """Takes up an edit or a deletion in WhatsApp."""
    return await view(parts, await parts.desk.accept(id, body.version, suggestion, who.name))


@router.post("/{id}/suggestions/{suggestion}/dismiss")
async def dismiss_suggestion(id: str, suggestion: str, body: Versioned, parts: SiteParts, who: Reviewer) -> CallView:
    """Turns a suggestion down."""
    return await view(parts, await parts.desk.dismiss(id, body.version, suggestion, who.name))


async def found(parts: Parts, id: str) -> Call:
    """The call of this id; Unknown where there is none."""
    call = await parts.calls.get(id)
    if call is None:
        raise Unknown(f"there is no call {id[:40]}")
    return call


async def view(parts: Parts, call: Call) -> CallView:
    """The call as the API shows it, with its sightings and its ledger entry."""
    entry = await parts.ledger.get(call.message.message_id)
    return call_view(
        call, seen_in=await sightings(parts.ledger, parts.calls, call), ledger=asdict(entry) if entry else None
    )


def merged(fields: CastingCall, corrections: dict[str, Any]) -> CastingCall:
    """The fields with these corrections; Invalid names each field that is unknown or wrong."""
    unknown = [name for name in corrections if name not in CastingCall.model_fields]
    if unknown:
        # A foreign name may hold half an emoji, which no answer can.
        names = [name[:80].encode("utf-8", "replace").decode() for name in unknown[:_MOST_TOLD]]
        raise Invalid([Problem(path=name, code="unknown_field", message="no such field") for name in names])
    try:
        return CastingCall.model_validate(fields.model_dump(mode="json") | corrections)
    except ValidationError as error:
        raise Invalid(problems_in(error)) from None
