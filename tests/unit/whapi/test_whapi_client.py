from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from pydantic import SecretStr

from shared.contracts.messages import RawMessage, Via
from shared.errors import BudgetSpent, Misconfigured, Permanent, RateLimited, TwinError, Unavailable
from shared.whapi.client import WhapiClient
from shared.whapi.settings import WhapiSettings
from shared.whapi.token import TokenSource
from shared.whapi.transport import Transport

GROUP = "120363411000000001@g.us"
TOKEN = "tok-very-secret"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "whapi"
Answer = httpx.Response | Exception


class Scripted:
    """A gateway that gives these answers in turn (the last one for ever) and keeps the requests and the waits."""

    def __init__(self, *answers: Answer | Callable[[httpx.Request], Answer]) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []
        self.budget_taken = 0
        self.budget_left = 1000

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def budget(self) -> None:
        if self.budget_taken >= self.budget_left:
            raise BudgetSpent("the hour's requests are spent", retry_after=5)
        self.budget_taken += 1

    def client(self, token: TokenSource | None = None) -> WhapiClient:
        http = httpx.AsyncClient(base_url="https://gate.example.invalid", transport=httpx.MockTransport(self.handle))
        source = token or TokenSource(SecretStr(TOKEN))
        return WhapiClient(Transport(http, source, budget=self.budget, sleep=self.sleep))


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def answer(body: object, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers={key.replace("_", "-"): value for key, value in headers.items()})


def refusal(status: int, message: str = "no", **headers: str) -> httpx.Response:
    return answer({"error": {"code": status, "message": message}}, status, **headers)


HEALTHY = answer(fixture("rest_health__auth"))


async def test_messages_are_asked_for_by_window_and_page() -> None:
    gateway = Scripted(answer(fixture("rest_messages__page")))
    page = await gateway.client().messages(
        GROUP,
        time_from=datetime.fromtimestamp(1795160400.7, UTC),
        time_to=datetime.fromtimestamp(1795160500.2, UTC),
        count=3,
        offset=6,
    )
    (request,) = gateway.requests
    assert request.url.raw_path.decode().split("?")[0] == "/messages/list/120363411000000001%40g.us"
    assert dict(request.url.params) == {
        "count": "3",
        "offset": "6",
        "sort": "asc",
        "time_from": "1795160400",
        "time_to": "1795160501",
    }
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert (page.size, len(page.events), dict(page.ignored), page.last) == (3, 2, {"own_echo": 1}, False)
    assert {event.via for event in page.events} == {Via.POLL}


async def test_a_short_page_is_the_last() -> None:
    page = await Scripted(answer(fixture("rest_messages__page"))).client().messages(GROUP)
    assert (page.asked, page.last) == (500, True)


async def test_the_channel_that_health_tells_stands_in_the_messages() -> None:
    gateway = Scripted(HEALTHY, answer(fixture("rest_messages__page")))
    client = gateway.client()
    assert (await client.health()).working
    assert gateway.requests[0].url.params["wakeup"] == "false"
    assert {event.channel_id for event in (await client.messages(GROUP)).events} == {"HERON-7Q2KD"}


async def test_groups_are_read_page_by_page_each_once() -> None:
    def page(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params["offset"])
        ids = range(max(0, start - 1), min(start + int(request.url.params["count"]), 150))  # the list moved by one
        return answer({"groups": [{"id": f"1203634110000{n:05}@g.us", "name": f"g{n}"} for n in ids]})

    gateway = Scripted(page)
    groups = [group.name async for group in gateway.client().groups()]
    assert groups == [f"g{n}" for n in range(150)]
    assert len(gateway.requests) == 2


async def test_a_list_that_never_ends_is_left() -> None:
    gateway = Scripted(answer({"groups": [{"id": f"1203634110000{n:05}@g.us"} for n in range(100)]}))
    assert len([group async for group in gateway.client().groups()]) == 100
    assert len(gateway.requests) == 2


async def test_one_message_is_read() -> None:
    message = await Scripted(answer(fixture("rest_messages__page")["messages"][1])).client().message("a/b")
    assert isinstance(message, RawMessage) and message.text.startswith("🎬")


async def test_a_message_that_the_gateway_does_not_have_is_none() -> None:
    assert await Scripted(refusal(404, "Message not found")).client().message("Ab-1") is None


@pytest.mark.parametrize("id", ["", ".", ".."])
async def test_an_id_cannot_climb_to_another_address(id: str) -> None:
    gateway = Scripted(HEALTHY)
    with pytest.raises(Permanent, match="not an id"):
        await gateway.client().media(id)
    assert gateway.requests == []


async def test_an_id_with_a_slash_stays_one_segment() -> None:
    gateway = Scripted(httpx.Response(200, content=b"x"))
    await gateway.client().media("../settings?x=1")
    assert gateway.requests[0].url.raw_path == b"/media/..%2Fsettings%3Fx%3D1"


async def test_media_is_read_up_to_its_limit() -> None:
    gateway = Scripted(httpx.Response(200, content=b"x" * 1000))
    assert len(await gateway.client().media("jpeg-1", max_bytes=1000)) == 1000
    with pytest.raises(Permanent) as error:
        await gateway.client().media("jpeg-1", max_bytes=999)
    assert error.value.reason == "too_large"


async def test_a_refusal_longer_than_the_media_limit_is_still_a_refusal() -> None:
    with pytest.raises(Permanent) as error:
        await Scripted(refusal(404, "Media not found" + "." * 50)).client().media("jpeg-1", max_bytes=10)
    assert error.value.reason == "gateway_404"


async def test_no_limits_come_without_a_body() -> None:
    assert await Scripted(httpx.Response(204)).client().limits() is None
    limits = await Scripted(answer({"requests": 12, "messages": 3, "chats": [], "checks": 1})).client().limits()
    assert limits is not None and limits.requests == 12


async def test_registering_reads_then_writes_everything() -> None:
    gateway = Scripted(answer(fixture("rest_settings__foreign_webhook")), answer({"changes": []}))
    await gateway.client().register_webhook("https://twin.example.sa/webhooks/whapi", {"X-Webhook-Secret": "s"})
    read, write = gateway.requests
    assert (read.method, write.method) == ("GET", "PATCH")
    sent = json.loads(write.content)
    assert sent["webhooks"][0] == fixture("rest_settings__foreign_webhook")["webhooks"][0]
    assert sent["webhooks"][1]["headers"] == {"X-Webhook-Secret": "s"}


async def test_sending_returns_the_id() -> None:
    gateway = Scripted(answer({"sent": True, "message": {"id": "Own-1"}}))
    assert await gateway.client().send_text(GROUP, "شكراً") == "Own-1"
    assert json.loads(gateway.requests[0].content) == {"to": GROUP, "body": "شكراً"}


@pytest.mark.parametrize(
    "trouble",
    [
        refusal(500),
        refusal(429),
        httpx.Response(502, html="<html>bad gateway</html>"),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.Response(200, html="<html>maintenance</html>"),
        httpx.Response(200, content=b'{"half": '),
        httpx.Response(200, json=["a list"]),
        httpx.Response(200, content=b"[" * 100_000),
    ],
    ids=["500", "429", "502_html", "connect", "timeout", "cut", "200_html", "half", "list", "deep"],
)
async def test_what_passes_is_tried_again(trouble: Answer) -> None:
    gateway = Scripted(trouble, trouble, HEALTHY)
    assert (await gateway.client().health()).working
    assert len(gateway.waits) == 2
    assert gateway.budget_taken == 3, "every attempt costs a request"


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (refusal(503), Unavailable),
        (refusal(429), RateLimited),
        (httpx.ConnectError("refused"), Unavailable),
        (httpx.ReadTimeout("slow"), Unavailable),
        (httpx.Response(200, html="<html>"), Unavailable),
    ],
)
async def test_what_lasts_is_given_up_soon(trouble: Answer, kind: type[TwinError]) -> None:
    gateway = Scripted(trouble)
    with pytest.raises(kind):
        await gateway.client().health()
    assert len(gateway.requests) == 4
    assert sum(gateway.waits) <= 20


async def test_a_short_retry_after_is_waited_for() -> None:
    gateway = Scripted(refusal(429, Retry_After="6"), HEALTHY)
    await gateway.client().health()
    assert gateway.waits[0] >= 6


async def test_a_long_retry_after_is_handed_to_the_caller() -> None:
    gateway = Scripted(refusal(429, Retry_After="120"))
    with pytest.raises(RateLimited) as error:
        await gateway.client().health()
    assert error.value.retry_after == 120
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413])
async def test_what_cannot_pass_is_not_tried_again(status: int) -> None:
    gateway = Scripted(refusal(status))
    with pytest.raises(TwinError):
        await gateway.client().health()
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("trouble", [refusal(500), httpx.ReadTimeout("slow"), httpx.Response(200, html="<html>")])
async def test_a_text_is_not_sent_twice_when_in_doubt(trouble: Answer) -> None:
    gateway = Scripted(trouble)
    with pytest.raises(Unavailable):
        await gateway.client().send_text(GROUP, "once")
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("trouble", [refusal(429), httpx.ConnectError("refused")])
async def test_a_text_that_was_surely_not_taken_is_sent_again(trouble: Answer) -> None:
    gateway = Scripted(trouble, answer({"sent": True, "message": {"id": "Own-1"}}))
    assert await gateway.client().send_text(GROUP, "once") == "Own-1"


async def test_a_spent_budget_stops_before_the_gateway_is_asked() -> None:
    gateway = Scripted(refusal(500))
    gateway.budget_left = 2
    with pytest.raises(BudgetSpent):
        await gateway.client().health()
    assert len(gateway.requests) == 2


async def test_redirects_are_not_followed() -> None:
    gateway = Scripted(httpx.Response(302, headers={"location": "http://169.254.169.254/"}))
    with pytest.raises(Misconfigured, match="WHAPI_URL"):
        await gateway.client().health()
    assert len(gateway.requests) == 1


async def test_an_answer_that_never_ends_is_cut_off() -> None:
    async def handle(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("never reached")

    http = httpx.AsyncClient(base_url="https://gate.example.invalid", transport=httpx.MockTransport(handle))
    waits = Scripted(HEALTHY)
    transport = Transport(http, TokenSource(SecretStr(TOKEN)), timeout_s=0.01, sleep=waits.sleep)
    with pytest.raises(Unavailable, match="did not answer within"):
        await WhapiClient(transport).health()


@pytest.mark.parametrize(
    "refused", [refusal(401), refusal(403), refusal(404, "Channel not found")], ids=["401", "403", "404"]
)
async def test_a_new_token_is_taken_from_the_file_without_a_restart(tmp_path: Path, refused: httpx.Response) -> None:
    file = tmp_path / "token"
    file.write_text("old\n", encoding="utf-8")

    tokens: list[str] = []

    def by_token(request: httpx.Request) -> Answer:
        tokens.append(request.headers["authorization"].removeprefix("Bearer "))
        return HEALTHY if request.headers["authorization"] == "Bearer new" else refused

    gateway = Scripted(by_token)
    client = gateway.client(TokenSource(file=file))
    with pytest.raises(TwinError):
        await client.health()
    assert len(gateway.requests) == 1, "the file still holds the refused token"
    file.write_text("new\n", encoding="utf-8")
    assert (await client.health()).working
    assert (await client.health()).working
    assert tokens == ["old", "old", "new", "new"]


async def test_a_file_that_is_just_being_replaced_keeps_the_old_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old", encoding="utf-8")
    gateway = Scripted(HEALTHY, refusal(401), HEALTHY)
    client = gateway.client(TokenSource(file=file))
    await client.health()
    file.write_text("", encoding="utf-8")
    with pytest.raises(Unavailable, match="QR"):
        await client.health()
    assert (await client.health()).working


def test_a_missing_token_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="WHAPI_TOKEN"):
        WhapiClient.open(WhapiSettings(token=None, token_file=None))
    with pytest.raises(Misconfigured, match="cannot be read"):
        WhapiClient.open(WhapiSettings(token=None, token_file=tmp_path / "absent"))


def test_a_token_that_would_break_the_header_is_refused_without_showing_it() -> None:
    with pytest.raises(Misconfigured) as error:
        TokenSource(SecretStr("two\r\nlines"))
    assert "two" not in str(error.value)


async def test_the_token_stands_in_no_error_log_or_repr(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "token"
    troubles: list[Answer] = [refusal(401), refusal(429), refusal(500), httpx.ConnectError("x"), httpx.ReadTimeout("x")]
    with structlog.testing.capture_logs() as logs:
        for trouble in troubles:
            file.write_text("old", encoding="utf-8")
            source = TokenSource(file=file)
            assert source.current() == "old"
            file.write_text(TOKEN, encoding="utf-8")
            with pytest.raises(TwinError) as caught:
                await Scripted(refusal(401), trouble).client(source).health()
            error: BaseException | None = caught.value
            while error is not None:
                assert TOKEN not in f"{error!r} {error}"
                error = error.__cause__ or error.__context__
            assert source.current() == TOKEN
            assert TOKEN not in repr(source)
    assert {entry["event"] for entry in logs} == {"gateway.token_renewed", "gateway.retry"}
    assert TOKEN not in f"{logs} {caplog.text}"
