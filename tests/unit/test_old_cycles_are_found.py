"""What the running server does about reference cycles."""

from __future__ import annotations

import gc
import weakref

import pytest
import uvicorn

from shared import serving


class _Thing:
    me: _Thing | None = None


@pytest.mark.parametrize(("tick", "found"), [(1, False), (299, False), (300, True), (600, True)])
async def test_cycles_are_looked_for_twice_a_minute(tick: int, found: bool) -> None:
    server = serving._Server(uvicorn.Config("nothing:here"), None)
    gc.disable()
    try:
        thing = _Thing()
        thing.me = thing
        left = weakref.ref(thing)
        del thing
        await server.on_tick(tick)
        assert (left() is None) is found
    finally:
        gc.enable()
