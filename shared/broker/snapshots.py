"""Copies of whole streams: the broker's own snapshots, which keep sequences, times, headers and consumers.

The numbers matter: a claim in the database names its message by stream and sequence, so a stream that was written anew
would make every redelivery look like another message. The client library has no call for this; the protocol is small.
A copy is sent in chunks to an inbox and given back chunk by chunk, and the broker makes the stream only when the last
one has come and its own checks have passed: a restore that breaks off leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import nats.errors
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from shared.broker import topology
from shared.contracts.subjects import ROUTES
from shared.errors import Permanent, Unavailable

CHUNK = 128 * 1024
_ANSWER_S = 30.0
_SILENCE_S = 60.0  # a large stream is read and checked before its first chunk comes
_END_OF_SNAPSHOT = "204"


@dataclass(frozen=True, slots=True)
class Taken:
    """A stream as the broker described it when its snapshot began: what `give` needs beside the chunks."""

    stream: str
    config: dict[str, Any]
    state: dict[str, Any]

    @property
    def messages(self) -> int:
        """How many messages it held."""
        return int(self.state.get("messages", 0))

    @property
    def last_sequence(self) -> int:
        """The highest sequence that it had given out."""
        return int(self.state.get("last_seq", 0))


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event, as far as its owner has to know: what became of which call."""

    sequence: int
    data: bytes


async def take(js: JetStreamContext, stream: str, write: Callable[[bytes], object]) -> Taken:
    """Has a copy of the stream written chunk by chunk, and returns what it is a copy of.

    Chunks are acknowledged once written, so that no more of them wait here than the broker lets fly. Unavailable when
    the broker falls silent or gives up; Permanent when it lacks the stream.
    """
    client = _client(js)
    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox)
    try:
        order = {"deliver_subject": inbox, "no_consumers": False, "chunk_size": CHUNK, "jsck": True}
        answer = await _ask(client, f"$JS.API.STREAM.SNAPSHOT.{stream}", order, f"copy stream {stream}")
        while chunk := await _next(subscription, stream):
            write(chunk.data)
            if chunk.reply:
                await client.publish(chunk.reply)
    finally:
        await subscription.unsubscribe()
    return Taken(stream, answer["config"], answer["state"])


async def give(js: JetStreamContext, taken: Taken, chunks: Iterable[bytes]) -> None:
    """Makes the stream from its copy, with its messages and consumers; there must be none of that name.

    Permanent when the broker refuses: a damaged copy, a name that is taken. The stream is then not there.
    """
    client = _client(js)
    order = {"config": taken.config, "state": taken.state}
    answer = await _ask(client, f"$JS.API.STREAM.RESTORE.{taken.stream}", order, f"restore stream {taken.stream}")
    subject = str(answer["deliver_subject"])
    for chunk in chunks:
        await _request(client, subject, chunk)
    _refused(await _request(client, subject, b""), f"restore stream {taken.stream}")


async def names(js: JetStreamContext) -> list[str]:
    """Our streams that the broker has."""
    found = {str(info.config.name) for info in await js.streams_info()}
    return sorted(found & {route.stream for route in ROUTES})


async def filled(js: JetStreamContext) -> list[str]:
    """Our streams that ever took a message."""
    return [name for name in await names(js) if (await js.stream_info(name)).state.last_seq]


async def remove(js: JetStreamContext, stream: str) -> None:
    """Removes the stream with all that it holds; one that is not there is fine."""
    try:
        await js.delete_stream(stream)
    except NotFoundError:
        return


async def positions(js: JetStreamContext) -> dict[str, int]:
    """How far each of our consumers has come, as stream/durable → the sequence up to which all is acknowledged."""
    found = {}
    for spec in topology.consumers():
        try:
            info = await js.consumer_info(spec.stream, spec.durable)
        except NotFoundError:
            continue
        found[f"{spec.stream}/{spec.durable}"] = info.ack_floor.stream_seq if info.ack_floor else 0
    return found


async def rewind(js: JetStreamContext, floors: Mapping[str, int]) -> list[str]:
    """Sets our consumers back to these positions: what comes after them is delivered again. Returns a line for each.

    A consumer of the copy stands where it stood when the copy was made; the database beside it is a little older.
    """
    done = []
    for spec in topology.consumers():
        name = f"{spec.stream}/{spec.durable}"
        floor = floors.get(name, 0)
        with suppress(NotFoundError):  # the copy may be of before this consumer
            await js.delete_consumer(spec.stream, spec.durable)
        await js.add_consumer(spec.stream, topology.consumer_config(spec, start=floor + 1))
        done.append(f"consumer {name} goes on after {floor}")
    return done


async def events_after(js: JetStreamContext, stream: str, sequence: int) -> list[Event]:
    """What came into the stream after this sequence, oldest first."""
    last = (await js.stream_info(stream)).state.last_seq
    found = []
    for number in range(sequence + 1, last + 1):
        try:
            message = await js.get_msg(stream, number)
        except NotFoundError:  # removed meanwhile
            continue
        found.append(Event(number, message.data or b""))
    return found


def _client(js: JetStreamContext) -> Client:
    return js._nc  # noqa: SLF001 (the library keeps the connection under this name and has no call for snapshots)


async def _next(subscription: Any, stream: str) -> Msg | None:
    """The next chunk; None after the last."""
    try:
        chunk: Msg = await subscription.next_msg(timeout=_SILENCE_S)
    except (nats.errors.Error, TimeoutError) as error:
        raise Unavailable(f"the broker fell silent while it copied stream {stream}: {type(error).__name__}") from error
    if chunk.data:
        return chunk
    status = (chunk.headers or {}).get("Status", _END_OF_SNAPSHOT)
    if status != _END_OF_SNAPSHOT:
        why = (chunk.headers or {}).get("Description", "")
        raise Unavailable(f"the broker gave up copying stream {stream}: {status} {why}".rstrip())
    return None


async def _ask(client: Client, subject: str, order: Mapping[str, Any], what: str) -> dict[str, Any]:
    return _refused(await _request(client, subject, orjson.dumps(order)), what)


async def _request(client: Client, subject: str, data: bytes) -> bytes:
    try:
        answer = await client.request(subject, data, timeout=_ANSWER_S)
    except (nats.errors.Error, TimeoutError) as error:
        raise Unavailable(f"the broker does not answer: {type(error).__name__} {error}".rstrip()) from error
    return answer.data


def _refused(data: bytes, what: str) -> dict[str, Any]:
    """The broker's answer, unless it is a refusal: Permanent."""
    answer: dict[str, Any] = orjson.loads(data)
    if error := answer.get("error"):
        raise Permanent(f"the broker does not {what}: {error.get('description')} (code {error.get('err_code')})")
    return answer
