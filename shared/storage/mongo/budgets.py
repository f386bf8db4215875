"""The shared budgets on MongoDB: one document for each window of each budget."""

from __future__ import annotations

from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel

from shared.errors import BudgetSpent
from shared.storage.budgets import Budget, Standing
from shared.storage.mongo.connect import Mongo, translated

COLLECTION = "budgets"
_LONGEST = timedelta(days=1)
_KEPT = timedelta(days=90)  # what was spent can be looked at for that long
INDEXES = {COLLECTION: [IndexModel([("window", ASCENDING)], expireAfterSeconds=int(_KEPT.total_seconds()))]}


class MongoBudgets:
    """As `shared.storage.budgets.Budgets` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._budgets = mongo.collection(COLLECTION)

    async def take(self, budget: Budget, amount: float, now: datetime) -> None:
        """One conditional update; a window's first taker makes its document before."""
        with translated("budgets.take"):
            if await self._fits(budget, amount, now):
                return
            await self.add(budget, 0, now)
            if await self._fits(budget, amount, now):
                return
        raise BudgetSpent(f"budget {budget.name} of {budget.limit:g} is spent", retry_after=budget.seconds_left(now))

    async def add(self, budget: Budget, amount: float, now: datetime) -> None:
        """One upsert by key."""
        told = {"name": budget.name, "limit": budget.limit, "seconds": budget.window.total_seconds()}
        change = {"$inc": {"used": amount}, "$set": told, "$setOnInsert": {"window": budget.window_start(now)}}
        with translated("budgets.add"):
            await self._budgets.update_one({"_id": _key(budget, now)}, change, upsert=True)

    async def used(self, budget: Budget, now: datetime) -> float:
        """One read by key."""
        with translated("budgets.used"):
            document = await self._budgets.find_one({"_id": _key(budget, now)})
        return float(document["used"]) if document else 0.0

    async def standing(self, now: datetime) -> list[Standing]:
        """One read by index: the windows of the last day."""
        found = []
        with translated("budgets.standing"):
            async for stored in self._budgets.find({"window": {"$gt": now - _LONGEST}}):
                ends = stored["window"] + timedelta(seconds=stored.get("seconds", 0))
                if stored["window"] <= now < ends and stored["used"]:
                    found.append(Standing(stored["name"], stored["used"], stored["limit"], stored["window"], ends))
        return sorted(found, key=lambda one: one.name)

    async def _fits(self, budget: Budget, amount: float, now: datetime) -> bool:
        result = await self._budgets.update_one(
            {"_id": _key(budget, now), "used": {"$lte": budget.limit - amount}}, {"$inc": {"used": amount}}
        )
        return result.matched_count == 1


def _key(budget: Budget, now: datetime) -> str:
    # The length belongs to it: an hourly and a daily limit of one name are two budgets.
    return f"{budget.name}/{budget.window.total_seconds():g}/{budget.window_start(now).isoformat()}"
