"""A model's endpoint that does as it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.services.extractor.endpoint import Endpoint, serving


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """An endpoint on this machine that answers what a test tells it."""
    async with serving() as running:
        yield running
