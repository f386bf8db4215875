"""What a log line shows of numbers, secrets and hostile characters, in both formats."""

from __future__ import annotations

import json
import logging as standard
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr, ValidationError

from shared.observability import logging
from shared.observability.masking import cleaned, escaped, mask_phones, without_credentials, without_inputs
from shared.settings import LogSettings, MongoSettings, NatsSettings, known_secrets

PHONES = [
    "0500000567",
    "+966500000567",
    "00966500000567",
    "966500000567",
    "050 000 0567",
    "050-000-0567",
    "+966 50 000 0567",
    "+966.50.000.0567",
    "+966 (50) 000-0567",
    "(+966) 500000567",
    "٠٥٠٠٠٠٠٥٦٧",
    "+٩٦٦٥٠٠٠٠٠٥٦٧",
    "۰۵۰۰۰۰۰۵۶۷",
    "٠٥٠ ٠٠٠ ٠٥٦٧",
    "٠٥٠\u00a0٠٠٠\u00a0٠٥٦٧",
    "tel:0500000567",
    "from=966500000567",
    "wa.me/966500000567",
    "966500000567@s.whatsapp.net",
    "966500000567@c.us",
    "false_966500000567@c.us_3EB0C767D097B7C7",
    '{"from": "966500000567"}',
    "رقم:0500000567،",
    "97412345",
    "call 0500000567.",
    "5550567,0500000567",
]
READABLE = [
    "120363000000000001@g.us",
    "120363025556123456@newsletter",
    "post:PsuKNC5O1Ay7DvHNaxx-gEkX1rNZ3Q",
    "3EB0C767D097B7C7",
    "c0123456789abcdef",
    "SbDA4717A0012345678904DE43",
    "post:3916C5EC5332AEA0BDD00532477196EE",
    "edit:PsuKNC5O1Ay7:0123456789abcdef",
    "dead:filter:RAW:1234567",
    "2026-11-22T08:09:17.011547Z",
    "2026-11-22 08:09:17",
    "2026-11-22",
    "192.168.100.200",
    "192.168.100.200:54321",
    "http://127.0.0.1:36499",
    "0.123456789",
    "1763797757.123456",
    "550e8400-e29b-41d4-a716-44665544000a",
    "host:4711:0a1b2c3d",
    "0x7f1234567890",
    "batch of 100 in 12 ms",
]


@pytest.mark.parametrize("text", PHONES)
def test_a_phone_number_is_masked_however_it_is_written(text: str) -> None:
    assert "•••" in mask_phones(text)
    digits = "".join(char for char in mask_phones(text) if char.isdigit() and char.isdecimal())
    assert not any(whole in digits for whole in ("0500000567", "٠٥٠٠٠٠٠٥٦٧", "500000567", "۰۵۰۰۰۰۰۵۶۷"))


@pytest.mark.parametrize("text", READABLE)
def test_ids_times_and_addresses_stay_readable(text: str) -> None:
    assert mask_phones(text) == text


def test_the_creator_of_an_old_group_is_masked_and_the_rest_of_its_id_stays() -> None:
    assert mask_phones("966500000567-1580000000@g.us") == "•••67-1580000000@g.us"


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_number_with_its_country_code_never_passes_whatever_stands_around_it(before: str, after: str) -> None:
    assert "966500000567" not in mask_phones(f"{before} +966500000567 {after}")


@given(st.text())
def test_an_escaped_text_is_one_printable_line(text: str) -> None:
    assert escaped(text).isprintable()


def test_passwords_in_addresses_are_masked() -> None:
    text = "nats://filter:pass@nats:4222,mongodb://twin:p%40ss@mongo:27017/?x=1 and https://example.com/a@b"
    assert (
        without_credentials(text) == "nats://***@nats:4222,mongodb://***@mongo:27017/?x=1 and https://example.com/a@b"
    )


def test_what_a_validator_quotes_is_left_out() -> None:
    class Model(BaseModel):
        number: int

    with pytest.raises(ValidationError) as caught:
        Model.model_validate({"number": "secret\nwords of a message"})
    assert "words of a message" in str(caught.value)
    assert "words of a message" not in without_inputs(str(caught.value))


def test_masking_goes_into_the_depth_of_a_value_and_leaves_numbers_alone() -> None:
    class Odd:
        def __repr__(self) -> str:
            return "<Odd 0500000567>"

    value = {"0500000567": [{"a": ("+966500000567", 12345678901)}, Odd(), b"0500000567"], "b": None, "c": 1.5}
    assert "0500000567" not in repr(cleaned(value))
    assert "966500000567" not in repr(cleaned(value))
    assert cleaned({"n": 12345678901, "b": True, "f": 1.5}) == {"n": 12345678901, "b": True, "f": 1.5}


@pytest.fixture(autouse=True)
def root_logger_as_it_was() -> Iterator[None]:
    root = standard.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


Captured = pytest.CaptureFixture[str]
FORGED = (
    'x\n{"level": "info", "event": "forged.line"}\r\n2026-11-22 [info] forged.line\u2028\u202eevil\x1b[31m\x00\ud800'
)


@pytest.mark.parametrize("format", ["json", "console"])
def test_a_hostile_value_stays_one_line_without_controls(format: Literal["json", "console"], capsys: Captured) -> None:
    logging.configure(LogSettings(format=format), service="test")
    structlog.get_logger("ours").warning("ours.event", detail=FORGED, deep={"a": [FORGED]})
    standard.getLogger("theirs").warning("their %s", FORGED)
    lines = capsys.readouterr().err.removesuffix("\n").split("\n")
    assert len(lines) == 2
    for line in lines:
        assert line.isprintable()
        if format == "json":
            assert json.loads(line)["level"] == "warning"


@pytest.mark.parametrize("format", ["json", "console"])
def test_the_words_of_an_error_cannot_forge_a_line_and_their_numbers_are_masked(
    format: Literal["json", "console"], capsys: Captured
) -> None:
    logging.configure(LogSettings(format=format), service="test")
    try:
        raise ValueError(f"{FORGED} 0500000567")
    except ValueError:
        structlog.get_logger("ours").exception("ours.failed")
    text = capsys.readouterr().err
    assert "ValueError" in text
    assert "0500000567" not in text
    if format == "json":
        (line,) = text.removesuffix("\n").split("\n")
        text = json.loads(line)["exception"]
        assert all(part.startswith("  | ") for part in text.split("\n"))
    else:
        first, *stack = text.removesuffix("\n").split("\n")
        assert "ours.failed" in first
        assert all(part.startswith("  | ") for part in stack)
    assert all(part.isprintable() for part in text.split("\n"))


@pytest.mark.parametrize("format", ["json", "console"])
def test_secrets_of_the_settings_are_never_written_whoever_logs_them(
    format: Literal["json", "console"], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NATS_PASSWORD", "canary-nats-password")
    monkeypatch.setenv("MONGO_URL", "mongodb://twin:canary-mongo-password@127.0.0.1:1/")
    nats: NatsSettings = NatsSettings.load()
    mongo: MongoSettings = MongoSettings.load()
    assert isinstance(nats.password, SecretStr)
    logging.configure(LogSettings(format=format), service="test")
    log: Any = structlog.get_logger("ours")
    log.warning("ours.event", a=nats.password.get_secret_value(), b=mongo.url.get_secret_value(), c=repr(nats))
    try:
        raise OSError(f"cannot reach canary-mongo-password with {nats.password.get_secret_value()}")
    except OSError:
        log.exception("ours.failed", nested={"url": [mongo.url.get_secret_value()]})
    text = capsys.readouterr().err
    assert "canary" not in text
    assert "***" in text


def test_defaults_and_short_values_are_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATS_PASSWORD", "abc")
    monkeypatch.delenv("MONGO_URL", raising=False)
    NatsSettings.load()
    MongoSettings.load()
    assert not {"abc", "mongodb://127.0.0.1:27017/?directConnection=true"} & known_secrets()
