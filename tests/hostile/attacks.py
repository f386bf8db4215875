"""A corpus of attacks on the receiver: requests as bytes, with the answers that each of them may get."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from services.operator.trial import SECRET
from tests.hostile.texts import SURROGATES, hostile

PATH: Final = "/webhooks/whapi"
GROUP: Final = "120363000000000001@g.us"
CLOSED: Final = 0
"""The connection ended without an answer."""

_BODY_LIMIT: Final = 5_242_880
_PATIENCE_S: Final = 30.0
_LARGE: Final = 500_000


@dataclass(frozen=True, slots=True)
class Attack:
    """One request. `letter`: whether a part of it must be found among the dead letters afterwards."""

    name: str
    request: bytes
    answers: frozenset[int]
    letter: bool = False


def request(
    body: bytes = b"",
    *,
    method: str = "POST",
    path: str = PATH,
    secret: str | None = SECRET,
    headers: Iterable[tuple[str, str]] = (("content-type", "application/json"),),
    length: str | None = "",
) -> bytes:
    """The bytes of a request. `length` is what Content-Length says; None leaves it out, "" says the truth."""
    lines = [f"{method} {path} HTTP/1.1", "host: receiver", "connection: close"]
    lines += [f"x-webhook-secret: {secret}"] if secret is not None else []
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [f"content-length: {length or len(body)}"] if length is not None else []
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def message(id: str, text: str = "مطلوب ممثل", **more: Any) -> dict[str, Any]:
    """A good message of an active group."""
    piece = {"id": id, "type": "text", "chat_id": GROUP, "from_me": False, "timestamp": 1_790_000_000}
    return {**piece, "text": {"body": text}, **more}


def delivery(*pieces: Any, **more: Any) -> bytes:
    """The JSON of a delivery."""
    return json.dumps({"messages": list(pieces), "event": {"type": "messages", "event": "post"}, **more}).encode()


def corpus() -> list[Attack]:
    """Every attack that has a name."""
    return [*_bodies(), *_encodings(), *_strangers(), *_heads()]


def _attack(name: str, raw: bytes, *answers: int, letter: bool = False) -> Attack:
    return Attack(name, raw, frozenset(answers), letter)


def _bodies() -> Iterator[Attack]:
    deep = b"[" * 10_000 + b"]" * 10_000
    piece = json.dumps(message("d")).encode()
    yield _attack("no body", request(b""), 400)
    yield _attack("nesting of 10,000", request(b'{"messages":' + deep + b"}"), 400, letter=True)
    yield _attack("nesting in objects", request(b'{"a":' * 10_000 + b"1" + b"}" * 10_000), 400, letter=True)
    yield _attack("nesting with half an emoji", request(b'{"a":"\\ud83d","b":' + deep + b"}"), 400, letter=True)
    yield _attack("nesting below the limit", request(b'{"messages":[' + b"[" * 900 + b"]" * 900 + b"]}"), 200, 400)
    yield _attack(
        "what looks like a cycle", request(delivery({"$ref": "#"}, {"__proto__": {"a": 1}})), 200, letter=True
    )
    yield _attack("a key twice", request(b'{"messages":[],"messages":[' + piece + b"]}"), 200)
    yield _attack("a million keys alike", request(b"{" + b'"a":1,' * 150_000 + b'"a":1}'), 200)
    yield _attack("many small lists", request(b'{"messages":[' + b"[]," * 1_500_000 + b"1]}"), 400, letter=True)
    yield _attack("many broken pieces", request(b'{"messages":[' + b"1," * 150_000 + b"1]}"), 200, letter=True)
    yield _attack("invalid UTF-8", request(b'{"messages":["\xff\xfe\xed\xa0\x80"]}'), 400, letter=True)
    yield _attack("lone surrogates", request(delivery(message("s1", text="".join(SURROGATES)))), 200)
    yield _attack("a surrogate for a key", request(b'{"\\ud800":1,"messages":[' + piece + b"]}"), 200)
    yield _attack(
        "NUL everywhere", request(delivery(message("n\x00", text="a\x00b", from_name="\x00"))), 200, letter=True
    )
    for word in ("NaN", "Infinity", "-Infinity"):
        yield _attack(word, request(f'{{"messages":[{{"timestamp":{word}}}]}}'.encode()), 400, letter=True)
    yield _attack("a number of 5,000 digits", request(b'{"messages":[' + b"9" * 5000 + b"]}"), 200, 400)
    yield _attack("1e999", request(b'{"messages":[1e999],"a":"\\ud800"}'), 200, 400)
    yield _attack(
        "times of every kind", request(delivery(*(message(f"t{at}", timestamp=at) for at in _TIMES))), 200, 400
    )
    yield _attack("a list", request(b"[]"), 400, letter=True)
    yield _attack("a text of 4 MB", request(delivery(message("long", text="ا" * 700_000))), 200)
    yield _attack("a body of the limit and a byte", request(b" " * (_BODY_LIMIT + 1)), 413)
    yield _attack("a body that says it is huge", request(b"{}", length=str(10**12)), 413)
    yield _attack("scripts and orders", request(delivery(message("x", text=hostile(Random(1))))), 200)


_TIMES: Final[tuple[Any, ...]] = (
    0,
    -1,
    10**18,
    2**63,
    10**400,
    1.5e308,
    "1" * 300,
    "١٧٩٠٠٠٠٠٠٠",
    None,
    [],
    {},
    True,
    "NaN",
)


def _encodings() -> Iterator[Attack]:
    bomb = gzip.compress(b"0" * 5_000_000)
    typed = ("content-type", "application/json")
    for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip"):
        yield _attack(
            f"{coding} bomb",
            request(bomb + coding.encode(), headers=[typed, ("content-encoding", coding)]),
            415,
            letter=True,
        )
    yield _attack("gzip bomb as transfer coding", request(bomb, headers=[typed, ("transfer-encoding", "gzip, chunked")],
                  length=None), 400, CLOSED)  # fmt: skip
    yield _attack("another type", request(b"{}", headers=[("content-type", "text/plain")]), 400, 415, letter=True)
    yield _attack("no type", request(b'{"untyped":1}', headers=[]), 400, 415, letter=True)
    yield _attack("a form", request(b"a=b", headers=[("content-type", "application/x-www-form-urlencoded")]), 400, 415)
    chunked = [typed, ("transfer-encoding", "chunked")]
    yield _attack("chunks", request(b"2\r\n{}\r\n0\r\n\r\n", headers=chunked, length=None), 200)
    yield _attack("chunks of a byte", request(b"1\r\n \r\n" * 20_000 + b"2\r\n{}\r\n0\r\n\r\n", headers=chunked,
                  length=None), 200)  # fmt: skip
    yield _attack("a chunk that says it is huge", request(b"FFFFFFFFFFFFFFFF\r\n{}", headers=chunked, length=None),
                  400, 408, 413, CLOSED)  # fmt: skip
    yield _attack("a chunk of no size", request(b"zz\r\n{}\r\n", headers=chunked, length=None), 400, CLOSED)
    yield _attack("chunks beyond the limit", request((b"10000\r\n" + b" " * 65_536 + b"\r\n") * 90, headers=chunked,
                  length=None), 413, CLOSED)  # fmt: skip
    yield _attack("both lengths", request(b"2\r\n{}\r\n0\r\n\r\n", headers=chunked), 400, CLOSED)
    for length in ("-1", "+2", "0x2", "2, 2", "2 2", "٢", "9" * 30, "1e3"):
        encoded = request(b"{}", length=length) if length.isascii() else request(b"{}", length="2").replace(
            b"content-length: 2", "content-length: ٢".encode()
        )  # fmt: skip
        yield _attack(f"length {length}", encoded, 400, 413, CLOSED)
    yield _attack("two lengths", request(b"{}", headers=[typed, ("content-length", "3")]), 400, CLOSED)


def _strangers() -> Iterator[Attack]:
    good = delivery(message("stranger"))
    for name, secret in (
        ("none", None),
        ("wrong", "wrong"),
        ("empty", ""),
        ("cut", SECRET[:-1]),
        ("more", SECRET + "a"),
    ):
        yield _attack(f"secret: {name}", request(good, secret=secret), 401)
    twice = [("content-type", "application/json"), ("x-webhook-secret", SECRET)]
    yield _attack("the secret twice", request(good, headers=twice), 401)
    yield _attack("the secret in the address", request(good, secret=None, path=f"{PATH}?secret={SECRET}"), 401)
    yield _attack("a stranger's huge body", request(b"{" * 5_000_000, secret=None), 401)
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        yield _attack(f"method {method}", request(good, method=method), 400, 405)
    yield _attack("no such method", request(good, method="HACK"), 400, 405, CLOSED)
    yield _attack("a tunnel", request(good, method="CONNECT", path="evil.example.net:443"), 400, 404, 405, CLOSED)
    for path in (
        "/webhooks/whapi/", "/webhooks/whapi/../whapi", "/webhooks//whapi", "/webhooks/whapi/..%2f..%2fhealth",
        "/webhooks/whapi%00", "/webhooks/whapi/%ff%fe", "/WEBHOOKS/WHAPI", "/webhooks/whapi;a=b", "/%2e%2e/etc/passwd",
        "/webhooks/whapi/" + "a" * 20_000, "/" + "%41" * 5_000, "//webhooks/whapi", "/metrics/../webhooks/whapi",
    ):  # fmt: skip
        yield _attack(f"path {path[:30]}", request(good, path=path), 404)
    yield _attack("an absolute address", request(good, path="http://evil.example.net/webhooks/other"), 404)


def _heads() -> Iterator[Attack]:
    typed = ("content-type", "application/json")
    many = [typed, *((f"x-{number}", "a") for number in range(1000))]
    yield _attack("a thousand headers", request(b"{}", headers=many), 431, CLOSED)
    yield _attack("a header of 1 MB", request(b"{}", headers=[typed, ("x-big", "a" * 1_000_000)]), 400, 431, CLOSED)
    endless = b"".join(f"x-{number}: {'a' * 100}\r\n".encode() for number in range(20_000))
    yield _attack("headers without end", b"POST /webhooks/whapi HTTP/1.1\r\n" + endless, 400, 431, CLOSED)
    yield _attack("a first line of 1 MB", b"GET /" + b"a" * 1_000_000, 400, 414, 431, CLOSED)
    yield _attack("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 400, 400, CLOSED)
    yield _attack("folded header", b"POST /webhooks/whapi HTTP/1.1\r\nhost: a\r\n folded: b\r\n\r\n", 400, 401, CLOSED)
    yield _attack("a header with NUL", b"POST /webhooks/whapi HTTP/1.1\r\nhost: a\x00b\r\n\r\n", 400, 401, CLOSED)
    yield _attack("a header without a name", b"POST /webhooks/whapi HTTP/1.1\r\n: a\r\n\r\n", 400, CLOSED)
    yield _attack("another protocol", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 404, 405, CLOSED)
    yield _attack("an upgrade", request(b"{}", headers=[typed, ("upgrade", "websocket"), ("connection", "upgrade")]),
                  200, 400)  # fmt: skip
    smuggled = b"POST /webhooks/whapi HTTP/1.1\r\nhost: a\r\n\r\n"
    yield _attack("a second request in the body's place", request(b"{}", length="0") + smuggled, 400)


def mutation(random: Random, number: int) -> Attack:
    """An attack by chance: hostile JSON, or a good delivery with some of its bytes changed."""
    kind = random.random()
    if kind < 0.45:
        body = delivery(*(_piece(random, number, at) for at in range(random.randint(1, 4))))
    elif kind < 0.8:
        changed = bytearray(delivery(message(f"m{number}", text=hostile(random, longest=300))))
        for _ in range(random.randint(1, 6)):
            at = random.randrange(len(changed))
            changed[at : at + random.randint(0, 3)] = random.randbytes(random.randint(0, 4))
        body = bytes(changed)
    else:
        body = json.dumps(_value(random, 0)).encode("utf-8", "surrogatepass")
    raw = request(body, secret=SECRET if random.random() < 0.9 else None)
    if kind > 0.95:
        cut = bytearray(raw)
        at = random.randrange(min(200, len(cut)))
        cut[at : at + 1] = random.randbytes(random.randint(0, 3))
        return Attack(
            f"mutation {number}", bytes(cut), frozenset({200, 400, 401, 404, 405, 408, 413, 415, 431, CLOSED})
        )
    return Attack(f"mutation {number}", raw, frozenset({200, 400, 401}))


def _piece(random: Random, number: int, at: int) -> Any:
    piece = message(f"m{number}-{at}", text=hostile(random, longest=300))
    for key in random.sample(sorted(piece), random.randint(0, 3)):
        piece[key] = _value(random, 2)
    if random.random() < 0.3:
        piece[random.choice(("context", "image", "poll", "action", "from", "from_name"))] = _value(random, 1)
    return piece


def _value(random: Random, depth: int) -> Any:
    kind = random.randint(0, 9 if depth < 4 else 6)
    match kind:
        case 0:
            return random.choice((None, True, False))
        case 1:
            return random.choice((0, -1, 2**31, 2**63, 2**64, 10**30, 0.1, 1e300, -0.0))
        case 2 | 3:
            return hostile(random, longest=60)
        case 4:
            return random.choice(SURROGATES) + hostile(random, longest=10)
        case 5:
            return random.choice((GROUP, "stories", "a@newsletter", "9665@s.whatsapp.net", "@g.us", "text", "delete"))
        case 6:
            return random.choice(("id", "\x00", "", " ", "\u202e", "a" * 300))
        case 7:
            return [_value(random, depth + 1) for _ in range(random.randint(0, 4))]
        case _:
            keys = (
                "id",
                "type",
                "body",
                "caption",
                "target",
                "quoted_id",
                "link",
                "messages",
                hostile(random, longest=5),
            )
            return {random.choice(keys): _value(random, depth + 1) for _ in range(random.randint(0, 4))}


async def answer_to(raw: bytes, port: int) -> int:
    """The status of the answer, CLOSED where there was none. TimeoutError after half a minute of nothing."""
    async with asyncio.timeout(_PATIENCE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(raw)
            sending = asyncio.create_task(_drained(writer))
            try:
                first = await reader.readline()
            except (ConnectionError, ValueError):
                first = b""
            sending.cancel()
            return int(first.split(b" ")[1]) if first.startswith(b"HTTP/1.1 ") else CLOSED
        finally:
            writer.close()


async def _drained(writer: asyncio.StreamWriter) -> None:
    try:
        await writer.drain()
    except ConnectionError:
        return


@dataclass(slots=True)
class Tally:
    """What became of many attacks."""

    sent: int = 0
    wrong: list[str] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def note(self, attack: Attack, status: int) -> None:
        """Counts an answer; one that the attack may not get is kept by name."""
        self.sent += 1
        self.statuses[status] = self.statuses.get(status, 0) + 1
        late = status == 408 and len(attack.request) > _LARGE  # many large ones at once on a busy machine
        if status not in attack.answers and not late and len(self.wrong) < 50:
            self.wrong.append(f"{attack.name}: {status}")


async def send_all(attacks: Iterable[Attack], port: int, *, at_once: int = 8) -> Tally:
    """Sends them, a few at a time, and says what came back."""
    tally, waiting = Tally(), iter(attacks)

    async def work() -> None:
        for attack in waiting:
            try:
                tally.note(attack, await answer_to(attack.request, port))
            except TimeoutError:
                tally.note(attack, -1)
            except OSError:
                tally.note(attack, CLOSED)

    await asyncio.gather(*(work() for _ in range(at_once)))
    return tally
