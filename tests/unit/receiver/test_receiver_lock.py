"""Who may deliver: the lock and what it refuses to be made of."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from services.receiver.logic import Lock, check_path_secret, make_lock
from shared.errors import Misconfigured

SECRET = "an-invented-secret-1"
OLD = "an-invented-secret-0"


def lock(
    auth: str = "header", secret: str | None = SECRET, previous: str | None = None, insecure: bool = False
) -> Lock:
    return make_lock(auth, secret, previous, "X-Webhook-Secret", insecure_development=insecure)


def signature(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def test_the_header_opens_with_the_secret_and_with_nothing_else() -> None:
    header = b"x-webhook-secret"
    assert lock().opens([(b"host", b"x"), (header, SECRET.encode())])
    for value in (b"", SECRET.encode()[:-1], SECRET.encode() + b"x", SECRET.upper().encode(), "é".encode() * 9):
        assert not lock().opens([(header, value)])
    assert not lock().opens([])
    assert not lock().opens([(b"x-other", SECRET.encode())])


def test_two_headers_of_the_name_are_refused_even_if_both_are_right() -> None:
    assert not lock().opens([(b"x-webhook-secret", SECRET.encode())] * 2)


@pytest.mark.parametrize("auth", ["header", "hmac"])
def test_both_secrets_open_during_a_rotation(auth: str) -> None:
    body = b'{"a":1}'
    for secret in (SECRET, OLD):
        given = secret.encode() if auth == "header" else signature(secret, body)
        name = b"x-webhook-secret" if auth == "header" else b"x-whapi-signature"
        assert lock(auth, SECRET, OLD).opens([(name, given)], body)
        assert lock(auth, SECRET).opens([(name, given)], body) is (secret == SECRET)


def test_a_signature_opens_for_its_own_body_only_with_or_without_prefix() -> None:
    body = b'{"messages":[]}'
    good = signature(SECRET, body)
    signed = lock("hmac")
    for value in (good, good.upper(), b"sha256=" + good, b"SHA256=" + good):
        assert signed.opens([(b"x-whapi-signature", value)], body)
    assert not signed.opens([(b"x-whapi-signature", good)], body + b" ")
    assert not signed.opens([(b"x-whapi-signature", b"sha1=" + good)], body)
    assert not signed.opens([(b"x-whapi-signature", SECRET.encode())], body)
    assert not signed.opens([(b"x-webhook-secret", SECRET.encode())], body)


def test_a_missing_secret_stops_the_start_and_says_what_to_set() -> None:
    for auth in ("header", "hmac"):
        with pytest.raises(Misconfigured, match="RECEIVER_SECRET"):
            lock(auth, None)
    with pytest.raises(Misconfigured, match="RECEIVER_SECRET"):
        lock("header", None, OLD)
    with pytest.raises(Misconfigured, match="RECEIVER_INSECURE_DEVELOPMENT"):
        lock("none-for-development")


def test_the_development_switch_opens_only_where_no_secret_is_set() -> None:
    assert lock("header", None, insecure=True).opens([])
    assert lock("none-for-development", None, insecure=True).opens([])
    assert not lock("header", SECRET, insecure=True).opens([])


@pytest.mark.parametrize("weak", ["", "fifteen-chars-x", "has a space in its middle", "عربي-طويل-بما-يكفي-هنا"])
def test_a_weak_secret_is_refused(weak: str) -> None:
    for secret, previous in ((weak, None), (SECRET, weak)):
        with pytest.raises(Misconfigured, match="16 or more"):
            lock("header", secret, previous, insecure=True)


def test_a_path_secret_is_one_strong_segment() -> None:
    assert check_path_secret(None) == b""
    assert check_path_secret("0123456789abcdef") == b"0123456789abcdef"
    for weak in ("short", "", "with/a/slash/in/it/0", "with space and more", "percent%20percent%20"):
        with pytest.raises(Misconfigured, match="RECEIVER_PATH_SECRET"):
            check_path_secret(weak)
