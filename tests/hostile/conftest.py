"""A desk with two reviewers and an admin, on stores in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.services.publisher.house import PASSWORD, House, visitor


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody has signed in with."""
    for name, role in (("sara", "reviewer"), ("noor", "reviewer"), ("boss", "admin")):
        await house.accounts.add(name, PASSWORD, role)
    await house.backlog.reload()
    async with visitor(house) as http:
        yield http
