"""A publisher on stores in memory for each test, and programs that talk to its site."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.services.publisher.house import PASSWORD, House, sign_in, visitor


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody has signed in with."""
    await house.accounts.add("sara", PASSWORD)
    await house.accounts.add("boss", PASSWORD, "admin")
    await house.backlog.reload()
    async with visitor(house) as http:
        yield http


@pytest.fixture
async def desk(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program that is signed in and sends the token."""
    await sign_in(client, "sara")
    return client


@pytest.fixture
async def boss(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """An admin's program."""
    await sign_in(client, "boss")
    return client
