"""Standard Webhooks: signatures as the specification's libraries make them, answers, waits, where we may send."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import Misconfigured, Permanent
from shared.webhooks import standard
from shared.webhooks.addresses import checked_url, is_public
from shared.webhooks.standard import Outcome

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
OTHER = standard.new_secret(bytes(range(32)))


def test_a_signature_is_the_one_of_the_specifications_libraries() -> None:
    assert standard.signature(SECRET, ID, AT, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_changes_both_open_the_delivery() -> None:
    headers = standard.headers([OTHER, SECRET], ID, AT, BODY)
    assert headers["webhook-id"] == ID
    assert headers["webhook-timestamp"] == "1614265330"
    assert standard.is_genuine(SECRET, headers, BODY, AT)
    assert standard.is_genuine(OTHER, headers, BODY, AT)


@pytest.mark.parametrize(
    ("change", "body", "later"),
    [
        ({"webhook-id": "msg_other"}, BODY, 0),
        ({"webhook-timestamp": "1614265331"}, BODY, 0),
        ({"webhook-timestamp": "soon"}, BODY, 0),
        ({"webhook-signature": "v1,AAAA"}, BODY, 0),
        ({}, BODY + b" ", 0),
        ({}, BODY, 301),
        ({}, BODY, -301),
    ],
)
def test_what_was_changed_or_is_old_is_not_genuine(change: dict[str, str], body: bytes, later: int) -> None:
    headers = standard.headers([SECRET], ID, AT, BODY) | change
    assert not standard.is_genuine(SECRET, headers, body, AT + timedelta(seconds=later))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64 at all", "whsec_" + "A" * 100])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(Misconfigured):
        standard.key_of(secret)


def test_an_events_id_is_its_own_for_ever_and_holds_no_dot() -> None:
    assert standard.id_of("call:a.b:1") == standard.id_of("call:a.b:1")
    assert standard.id_of("call:a.b:1") != standard.id_of("call:a.b:2")
    assert "." not in standard.id_of("call:a.b:1")


def test_a_body_says_what_happened_and_when() -> None:
    body = json.loads(standard.body_of("call.approved", AT, {"عنوان": "ممثل"}))
    assert body == {"type": "call.approved", "timestamp": "2021-02-25T15:02:10Z", "data": {"عنوان": "ممثل"}}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED),
        (204, Outcome.DELIVERED),
        (301, Outcome.AGAIN),
        (401, Outcome.AGAIN),
        (410, Outcome.GONE),
        (429, Outcome.SLOWER),
        (500, Outcome.AGAIN),
        (503, Outcome.SLOWER),
        (None, Outcome.AGAIN),
    ],
)
def test_only_2xx_is_a_success(status: int | None, outcome: Outcome) -> None:
    assert standard.outcome_of(status) is outcome


def test_the_waits_grow_over_three_days_and_end() -> None:
    waits = [standard.wait_s(number) for number in range(1, 10)]
    assert waits == list(standard.WAITS_S)
    assert sum(standard.WAITS_S) > 3 * 86_400
    assert standard.wait_s(10) is None


def test_a_wait_is_as_long_as_the_subscriber_asks_within_a_day() -> None:
    assert standard.wait_s(1, asked=120) == 120
    assert standard.wait_s(5, asked=1) == standard.WAITS_S[4]
    assert standard.wait_s(1, asked=10**9) == 86_400
    assert standard.wait_s(1, jitter=1) == pytest.approx(5.5)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.4.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "not an address",
    ],
)
def test_addresses_of_our_own_network_are_not_public_whatever_they_are_wrapped_in(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "casting.example",
        "http://casting.example/in",
        "ftp://casting.example/in",
        "https://",
        "https://user:secret@casting.example/in",
        "https://127.0.0.1/in",
        "https://[::1]/in",
        "https://[::ffff:10.0.0.1]/in",
        "https://casting.example:99999/in",
        "https://casting.example/in\r\nx: y",
    ],
)
def test_an_address_that_we_never_send_to_is_refused(url: str) -> None:
    with pytest.raises(Permanent) as refused:
        checked_url(url)
    assert refused.value.reason == "address_refused"


def test_an_address_of_the_internet_is_taken_and_of_our_network_where_that_is_allowed() -> None:
    assert checked_url("https://casting.example:8443/in?a=b")
    assert checked_url("http://127.0.0.1:9/in", private=True)
