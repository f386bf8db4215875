"""Reading a stream, on a real broker."""

from __future__ import annotations

from contextlib import aclosing
from datetime import timedelta

import pytest
from nats.js import JetStreamContext

from shared.broker.stored import RawStreamMessage, stored
from shared.errors import Misconfigured, Unavailable


async def put(js: JetStreamContext, count: int, subject: str = "raw.messages") -> None:
    for number in range(count):
        await js.publish(subject, str(number).encode(), headers={"Nats-Msg-Id": f"{subject}-{number}"})


async def read(js: JetStreamContext, **options: object) -> list[RawStreamMessage]:
    return [message async for message in stored(js, "RAW", **options)]  # type: ignore[arg-type]


async def consumers_of(js: JetStreamContext) -> set[str]:
    return {str(info.name) for info in await js.consumers_info("RAW")}


async def test_it_brings_everything_in_order_and_leaves_no_consumer_behind(js: JetStreamContext) -> None:
    before = await consumers_of(js)
    await put(js, 700)

    found = await read(js)

    assert [message.seq for message in found] == list(range(1, 701))
    assert found[41].data == b"41"
    assert (found[41].stream, found[41].subject) == ("RAW", "raw.messages")
    assert found[41].headers["Nats-Msg-Id"] == "raw.messages-41"
    assert found[41].time.tzinfo is not None
    assert await consumers_of(js) == before


async def test_an_empty_stream_brings_nothing(js: JetStreamContext) -> None:
    assert await read(js) == []


async def test_deleted_messages_are_passed_over_wherever_they_lay(js: JetStreamContext) -> None:
    await put(js, 20)
    for sequence in (1, 2, 7, 8, 9, 19, 20):
        await js.delete_msg("RAW", sequence)

    found = await read(js, batch=3)

    assert [message.seq for message in found] == [3, 4, 5, 6, *range(10, 19)]


async def test_a_stream_that_was_emptied_brings_nothing(js: JetStreamContext) -> None:
    await put(js, 5)
    await js.purge_stream("RAW")

    assert await read(js) == []


async def test_it_begins_at_a_place_or_a_time_and_ends_at_a_time(js: JetStreamContext) -> None:
    await put(js, 10)
    times = [message.time for message in await read(js)]

    assert [message.seq for message in await read(js, first_seq=4)] == list(range(4, 11))
    assert (await read(js, since=times[6]))[0].seq in (6, 7)  # of one microsecond with it
    assert [message.seq for message in await read(js, first_seq=9, since=times[0])] == [9, 10]
    assert await read(js, since=times[-1] + timedelta(seconds=1)) == []
    assert [message.seq for message in await read(js, until=times[2])][-1] in (3, 4)


async def test_it_brings_the_subjects_that_are_asked_for(js: JetStreamContext) -> None:
    await put(js, 3)
    await put(js, 2, "raw.edits")
    await put(js, 2, "raw.deletions")

    found = await read(js, subjects=("raw.messages", "raw.edits"))

    assert [message.subject for message in found] == ["raw.messages"] * 3 + ["raw.edits"] * 2
    assert await read(js, subjects=("raw.messages",), first_seq=4) == []


async def test_what_comes_in_while_it_reads_is_not_waited_for(js: JetStreamContext) -> None:
    await put(js, 6)
    seen = []
    async for message in stored(js, "RAW", batch=2):
        seen.append(message.seq)
        await js.publish("raw.messages", b"later")

    assert seen == [1, 2, 3, 4, 5, 6]


async def test_a_reading_that_is_broken_off_leaves_no_consumer_behind(js: JetStreamContext) -> None:
    before = await consumers_of(js)
    await put(js, 6)
    async with aclosing(stored(js, "RAW", batch=2)) as found:
        async for message in found:
            assert message.seq == 1
            break

    assert await consumers_of(js) == before


async def test_it_goes_on_where_it_was_when_the_broker_forgets_its_consumer(js: JetStreamContext) -> None:
    durable = await consumers_of(js)
    await put(js, 9)
    seen = []
    async with aclosing(stored(js, "RAW", batch=3)) as found:
        async for message in found:
            seen.append(message.seq)
            if message.seq == 2:
                for name in await consumers_of(js) - durable:
                    await js.delete_consumer("RAW", name)

    assert seen == list(range(1, 10))


async def test_a_missing_stream_says_what_to_type(js: JetStreamContext) -> None:
    await js.delete_stream("RAW")
    with pytest.raises(Misconfigured, match="twin provision"):
        await read(js)


async def test_a_closed_connection_is_an_outage(js: JetStreamContext) -> None:
    await js._nc.close()
    with pytest.raises(Unavailable):
        await read(js)
