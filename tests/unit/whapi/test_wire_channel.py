from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Misconfigured
from shared.whapi.wire import read_error, read_group, read_groups, read_health, webhook_registration

FIXTURES = Path(__file__).parents[2] / "fixtures" / "whapi"
URL = "https://twin.example.sa/webhooks/whapi"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def test_groups_are_read_and_everything_else_is_passed_over() -> None:
    groups = read_groups(fixture("rest_groups__page"))
    assert [group.id[17:] for group in groups] == ["1@g.us", "2@g.us", "3@g.us"]
    assert groups[0].name == "كاستنج جدة"
    assert groups[0].announcements_only and not groups[0].community_parent
    assert groups[2].community_parent


def test_the_size_is_found_under_each_of_its_names() -> None:
    assert [group.size for group in read_groups(fixture("rest_groups__page"))] == [212, 33, 1]


def test_what_is_no_group_is_none() -> None:
    assert read_group({"id": "966500000102@s.whatsapp.net"}) is None
    assert read_group("noise") is None


@pytest.mark.parametrize(
    ("name", "status", "working"),
    [("auth", "AUTH", True), ("auth_with_odd_code", "AUTH", True), ("qr", "QR", False)],
)
def test_health_is_decided_on_the_word_and_never_on_the_code(name: str, status: str, working: bool) -> None:
    health = read_health(fixture(f"rest_health__{name}"))
    assert (health.status, health.working) == (status, working)


def test_an_unlinked_phone_comes_with_what_to_do() -> None:
    assert "scan the QR code" in read_health(fixture("rest_health__qr")).advice
    assert read_health(fixture("rest_health__auth")).advice == ""
    assert "Whapi panel" in read_health({"status": {"text": "MELTED"}}).advice
    assert read_health({}).status == "UNKNOWN"


def test_an_error_is_told_in_its_own_words() -> None:
    assert read_error(fixture("rest_error__channel_not_found")) == "Channel not found"
    assert read_error(fixture("rest_error__needs_authorization")) == "need channel authorization: scan the QR code"
    assert read_error("<html>") == ""


def test_registering_keeps_the_webhooks_of_others() -> None:
    settings = fixture("rest_settings__foreign_webhook")
    patch = webhook_registration(settings, URL, {"X-Webhook-Secret": "s"})
    assert list(patch) == ["webhooks"]
    other, ours = patch["webhooks"]
    assert other == settings["webhooks"][0]
    assert ours["url"] == URL
    assert ours["mode"] == "body"
    assert ours["headers"] == {"X-Webhook-Secret": "s"}
    assert ours["webhook_max_age_seconds"] is None
    assert ours["send_undecrypted_ad"] is False
    assert {"type": "messages", "method": "post"} in ours["events"]
    assert {event["method"] for event in ours["events"]} == {"post", "patch", "delete"}


def test_registering_twice_is_registering_once() -> None:
    once = webhook_registration(fixture("rest_settings__foreign_webhook"), URL, {"X-Webhook-Secret": "s"})
    assert webhook_registration(once, URL, {"X-Webhook-Secret": "s"}) == once


def test_registering_on_a_fresh_channel_needs_no_list() -> None:
    assert len(webhook_registration({}, URL)["webhooks"]) == 1


def test_registering_leaves_what_it_was_given_unchanged() -> None:
    settings = fixture("rest_settings__foreign_webhook")
    webhook_registration(settings, URL)
    assert settings == fixture("rest_settings__foreign_webhook")


def test_more_headers_than_the_gateway_keeps_are_refused() -> None:
    with pytest.raises(Misconfigured, match="at most 5 headers"):
        webhook_registration({}, URL, {f"X-{n}": "1" for n in range(6)})


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(Misconfigured, match="https://"):
        webhook_registration({}, "twin.example.sa/webhooks/whapi")
