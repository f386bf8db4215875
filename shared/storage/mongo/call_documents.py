"""How a call is stored: the one place that turns calls into documents and back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from shared.contracts.calls import Evidence, EvidenceMap
from shared.contracts.pipeline import Confidence
from shared.storage.calls import Call, Status, Summary
from shared.storage.mongo.connect import Document

_TIMES = ("queued_at", "updated_at", "changed_at")
SUMMARY = {
    "version": 1,
    "status": 1,
    "published": 1,
    "fields.title": 1,
    "fields.project_type": 1,
    "fields.location_city": 1,
    "fields.language": 1,
    "message.group": 1,
    "message.sent_at": 1,
    "flags.name": 1,
    "suggestions.open": 1,
    "search": 1,
    "closes_on": 1,
    "queued_at": 1,
    "updated_at": 1,
    "changed_at": 1,
    "decided_by": 1,
    "confidence.value": 1,
    "check": 1,
    "likeness.relation": 1,
    "reason": 1,
}


def document_of(call: Call) -> Document:
    """The call as stored, without `sent_revision`, which `mark_sent` alone moves once the call is there."""
    document: Document = call.model_dump(mode="json", exclude={"id", "sent_revision"})
    document |= {"_id": call.id, "unsent": bool(call.unsent), "unlearned": call.touched}
    document |= {name: getattr(call, name) for name in _TIMES}
    document["evidence"] = _listed(call.evidence)
    document["confidence"] = _sure(call.confidence)
    for stored, suggestion in zip(document["suggestions"], call.suggestions, strict=True):
        stored["evidence"] = _listed(suggestion.evidence)
        stored["confidence"] = _sure(suggestion.confidence)
    return document


def call_in(document: Document) -> Call:
    """The call of a stored document."""
    values = {name: value for name, value in document.items() if name not in ("_id", "unsent", "unlearned")}
    values["evidence"] = _mapped(document["evidence"])
    values["confidence"] = _trust(document)
    values["suggestions"] = [
        item | {"evidence": _mapped(item["evidence"]), "confidence": _trust(item)} for item in document["suggestions"]
    ]
    return Call.model_validate(values | {"id": document["_id"]})


def _listed(evidence: EvidenceMap) -> list[Document]:
    # Field paths hold dots, which are no good as names inside a document.
    return [{"path": path, **item.model_dump(mode="json")} for path, item in evidence.items()]


def _sure(confidence: Confidence) -> list[Document]:
    return [{"path": path, "value": value} for path, value in confidence.items()]


def _trust(document: Document) -> Confidence:
    return {item["path"]: item["value"] for item in document.get("confidence", ())}


def _mapped(listed: list[Document]) -> dict[str, Any]:
    return {item["path"]: Evidence.model_validate(item) for item in listed}


def summary_in(document: Document) -> Summary:
    """The summary of a document read with `SUMMARY`."""
    fields, group = document["fields"], document["message"]["group"]
    return Summary(
        id=document["_id"],
        version=document["version"],
        status=Status(document["status"]),
        published=document.get("published"),
        title=fields["title"],
        project_type=fields["project_type"],
        city=fields.get("location_city"),
        language=fields["language"],
        group_id=group["id"],
        group_name=group.get("name"),
        flags=tuple(flag["name"] for flag in document.get("flags", ())),
        suggestions=sum(item["open"] for item in document.get("suggestions", ())),
        search=document.get("search", ""),
        closes_on=date.fromisoformat(document["closes_on"]) if document.get("closes_on") else None,
        sent_at=_instant(document["message"]["sent_at"]),
        queued_at=document["queued_at"],
        updated_at=document["updated_at"],
        changed_at=document.get("changed_at"),
        decided_by=document.get("decided_by"),
        confidence=min((item["value"] for item in document.get("confidence", ())), default=None),
        check=document.get("check", False),
        alike=(document.get("likeness") or {}).get("relation"),
        reason=document.get("reason"),
    )


def _instant(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value.replace(microsecond=value.microsecond // 1000 * 1000)
