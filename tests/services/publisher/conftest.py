"""A publisher on stores in memory for each test."""

from __future__ import annotations

import pytest

from tests.services.publisher.house import House


@pytest.fixture
def house() -> House:
    return House()
