"""The proxy that stands between the processes: what it does to a link, and that it loses nothing by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.chaos.proxy import Link


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """The port of a server that answers with what it is told."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1024):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def link(echo: int) -> AsyncIterator[Link]:
    made = Link("test", echo)
    await made.start()
    yield made
    await made.stop()


async def test_what_is_said_passes_in_both_directions(link: Link) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    whole = bytes(range(256)) * 2000
    writer.write(whole)
    writer.write_eof()
    assert await reader.read(-1) == whole
    writer.close()


async def test_a_reset_ends_the_connection_and_the_next_one_works(link: Link) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    writer.write(b"a")
    assert await reader.read(1) == b"a"
    link.reset()
    with pytest.raises(ConnectionResetError):
        assert await reader.read(1) == b""
        raise ConnectionResetError  # an orderly end counts as one, too
    writer.close()
    assert link.resets == 1
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    writer.write(b"b")
    assert await reader.read(1) == b"b"
    writer.close()


async def test_a_black_hole_answers_nothing_and_gives_back_everything(link: Link) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    writer.write(b"a")
    assert await reader.read(1) == b"a"
    link.hold()
    writer.write(b"bcd")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting := asyncio.ensure_future(reader.readexactly(3))), 0.2)
    link.release()
    assert await asyncio.wait_for(waiting, 5) == b"bcd"
    writer.close()


async def test_a_connection_made_into_a_black_hole_works_after_it(link: Link) -> None:
    link.hold()
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    writer.write(b"late")
    link.release()
    assert await asyncio.wait_for(reader.readexactly(4), 5) == b"late"
    writer.close()


async def test_a_server_that_is_away_ends_the_connection(echo: int) -> None:
    link = Link("nobody", 1)
    await link.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(1), 5)
    writer.close()
    await link.stop()


async def test_a_slow_link_holds_each_piece_back(link: Link) -> None:
    link.delay_s = 0.15
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    begun = asyncio.get_running_loop().time()
    writer.write(b"x")
    assert await reader.readexactly(1) == b"x"
    assert asyncio.get_running_loop().time() - begun >= 0.3  # a lower bound: there and back
    writer.close()
