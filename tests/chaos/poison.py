"""Messages that kill the worker that handles them, and what became of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bench.load import another
from services.sandbox.logic import message_id
from tests.chaos.fragile import POISON
from tests.chaos.load import GROUPS
from tests.chaos.plan import Fault

_CALL = """مطلوب ممثلين وممثلات لمسلسل جديد يصور في الرياض
العمر من 25 إلى 35 سنة
للتقديم: أرسل صورك وسيرتك على واتساب 0500000567"""
Order = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


class Poison:
    """Posts the poison. The text says whom it kills, so that what is meant for the extractor passes the filter."""

    def __init__(self, seed: str, order: Order) -> None:
        self.posted: dict[str, str] = {}  # message id → the worker that it kills
        self._seed = seed
        self._order = order

    async def post(self, fault: Fault) -> None:
        """One poisonous message for the fault's target."""
        id = message_id(self._seed, f"poison:{fault.number}")
        text = f"{another(_CALL, id)}\n{POISON}:{fault.target}"
        await self._order("post", {"group": next(iter(GROUPS)), "text": text, "id": id})
        self.posted[id] = fault.target
