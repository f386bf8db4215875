"""A change that does not come from a reviewer: made on whatever version of the call stands there now."""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import Unavailable
from shared.storage.calls import Call, Calls

_TRIES = 5


async def change(calls: Calls, id: str, step: Callable[[Call], Call | None]) -> Call | None:
    """Saves what `step` makes of the call and returns it; None where there is nothing to do, or no such call.

    Unavailable while others change the call all the time.
    """
    for _ in range(_TRIES):
        call = await calls.get(id)
        after = step(call) if call else None
        if call is None or after is None:
            return None
        if await calls.save(after, over=call.version):
            return after
    raise Unavailable(f"call {id} is being changed by others all the time")
