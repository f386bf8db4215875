"""The generated documents say what the code says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from services.operator import asyncapi, catalogue, documents
from shared.contracts.subjects import ROUTES


def references(value: object) -> list[str]:
    """Every $ref below this value."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in references(item)]
    return [found for item in value for found in references(item)] if isinstance(value, list) else []


def resolve(document: dict[str, object], reference: str) -> object:
    """What a local reference points at; KeyError where it points at nothing."""
    found: object = document
    for part in reference.removeprefix("#/").split("/"):
        assert isinstance(found, dict)
        found = found[part]
    return found


def test_the_asyncapi_document_has_every_route_and_no_dangling_reference() -> None:
    document = yaml.safe_load(asyncapi.asyncapi_text())
    assert document["asyncapi"].startswith("3.")
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {route.subject.replace(".>", ".{stage}") for route in ROUTES}
    found = references(document)
    assert found
    for reference in found:
        resolve(document, reference)
    senders = {name for name, operation in document["operations"].items() if operation["action"] == "send"}
    assert "receiver-sends-raw-messages" in senders
    assert "publisher-sends-approved" in senders


def test_the_approved_schema_accepts_what_the_publisher_would_send_and_refuses_less() -> None:
    schema = json.loads(asyncapi.approved_schema_text())
    Draft202012Validator.check_schema(schema)
    group = {"id": "120363401234567890@g.us", "name": "كاستنج"}
    reference = "whatsapp://group/120363401234567890@g.us/message/M1"
    posted = "2026-11-01T09:00:00Z"
    event = {
        "event_id": "c1:1",
        "schema_version": 1,
        "type": "approved",
        "call_id": "c1",
        "revision": 1,
        "call": {
            "title": "Lead role",
            "project_type": "film",
            "production_company": None,
            "location_city": "Riyadh",
            "country": "SA",
            "roles": [],
            "deadline": None,
            "shoot_dates": None,
            "compensation": {"kind": "unspecified", "amount": None, "amount_max": None, "currency": None, "per": None},
            "contacts": [],
            "language": "ar",
        },
        "origin": {"group": group, "message_ref": reference, "posted_at": posted, "text": "مطلوب ممثل"},
        "seen_in": [],
        "changed_at": posted,
        "reason": None,
    }
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors(event)) == []
    del event["origin"]
    assert [error.message for error in validator.iter_errors(event)] == ["'origin' is a required property"]


def test_every_setting_is_explained_and_listed_once() -> None:
    for group in catalogue.groups():
        for setting in group.settings:
            assert setting.description, f"{setting.name} needs a description"
    example = [line for line in catalogue.env_example().splitlines() if "=" in line and line.startswith("# ")]
    names = [line.removeprefix("# ").split("=", 1)[0] for line in example if line.split("=")[0][2:].isupper()]
    assert len(names) == len(set(names))
    assert set(catalogue.names()) <= set(names)


def test_a_secret_has_no_printable_default_that_could_be_used() -> None:
    listed = [setting for group in catalogue.groups() for setting in group.settings if setting.secret]
    with_default = {setting.name for setting in listed if setting.default}
    # The address of a database without a log-in, and the stand-in gateway's own.
    assert with_default <= {"MONGO_URL", "SANDBOX_TOKEN", "SANDBOX_LLM_KEY"}


def test_a_stale_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    assert documents.stale() == list(documents.GENERATED)
    documents.docs(check=False, as_json=True)
    assert documents.stale() == []
