"""A message names addresses; nothing of ours goes there. A subscriber's webhook never reaches into our own network."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from shared.errors import Permanent
from shared.webhooks.addresses import checked_url, is_public
from shared.webhooks.sender import HttpPoster

ROOT = Path(__file__).parents[2]

INSIDE = (
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "not an address", "",
)  # fmt: skip

SPELT = (
    "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://0/",
    "https://localhost/", "https://localhost./", "https://inside.example.net/", "https://①②⑦.⓪.⓪.①/",
    "https://127.0.0.1.nip.example.net/", "https://[::ffff:7f00:1]/", "https://metadata.google.internal/",
)  # fmt: skip
"""Names and spellings that a resolver takes for an address of ours."""

MAY_CALL_OUT = {
    "shared/webhooks/sender.py": "webhooks of our own, to checked addresses",
    "shared/whapi/transport.py": "the gateway, at the address in the settings",
    "shared/whapi/client.py": "the gateway",
    "shared/storage/beating.py": "asks for the name of its own host alone",
}
"""Modules of the pipeline that may hold an HTTP client; the address is never a message's."""


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_our_own_network_is_never_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", SPELT)
@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:127.0.0.1"], []])
async def test_a_name_that_leads_inside_is_not_connected_to(url: str, found: list[str]) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return found

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        try:
            status = (await HttpPoster(http, resolve=resolve).post(url, {}, b"{}")).status
        except Permanent:
            status = None
    assert (status, asked) == (None, [])


async def test_a_redirect_is_not_followed_and_the_checked_address_is_the_one_that_is_used() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"location": "http://169.254.169.254/latest/meta-data"})

    looked_up = 0

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        nonlocal looked_up
        looked_up += 1
        return ["8.8.8.8"] if looked_up == 1 else ["127.0.0.1"]  # a name that points elsewhere at the second look

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        result = await HttpPoster(http, resolve=resolve).post("https://hooks.example.net/a", {}, b"{}")
    assert (result.status, looked_up, asked) == (302, 1, ["https://8.8.8.8/a"])


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.net/", "ftp://hooks.example.net/", "file:///etc/passwd", "gopher://x/", "https://",
        "https://user:pass@hooks.example.net/", "https://127.0.0.1/", "https://[::1]/", "https://a\r\nhost: b/",
        "https://hooks.example.net\\@127.0.0.1/", "https://10.0.0.1:443/", "javascript:alert(1)", "//x", "",
        "https://hooks.example.net/\u202e", "https://[::1", "https://x:99999/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_subscriber_is_refused_when_it_is_given(url: str) -> None:
    with pytest.raises(Permanent):
        checked_url(url)


def test_no_service_of_the_pipeline_can_fetch_what_a_message_links_to() -> None:
    """Nothing between the webhook and the desk holds an HTTP client, but those that are named with their reason."""
    callers = set()
    for folder in ("services", "shared"):
        for file in (ROOT / folder).rglob("*.py"):
            name = str(file.relative_to(ROOT))
            if name.startswith(("services/operator/", "services/sandbox/", "services/poller/")):
                continue  # the operator's own commands; the stand-in gateway
            imported = {
                alias.name.partition(".")[0]
                for node in ast.walk(ast.parse(file.read_text("utf-8")))
                if isinstance(node, ast.Import | ast.ImportFrom)
                for alias in ([ast.alias(node.module or "")] if isinstance(node, ast.ImportFrom) else node.names)
            }
            if imported & {"httpx", "aiohttp", "requests", "urllib3", "http", "socket"} - {"http"}:
                callers.add(name)
    assert callers <= {*MAY_CALL_OUT, "services/extractor/openai_engine.py"}, callers
