"""A poller's surroundings for each test."""

from __future__ import annotations

import pytest

from tests.services.poller.world import Scripted, World


@pytest.fixture
async def world() -> World:
    world = World()
    await world.join()
    return world


@pytest.fixture
async def scripted() -> tuple[World, Scripted]:
    gateway = Scripted()
    world = World(gateway=gateway)
    await world.join()
    return world, gateway
