"""The alerts on MongoDB: one document an alert, changed by single conditional writes only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.storage.alerts import Alert, ChannelState, Silence
from shared.storage.mongo.connect import Document, Mongo, translated

COLLECTION = "alerts"
SILENCES = "alert_silences"
CHANNELS = "alert_channels"
_KEPT_S = 30 * 86_400
INDEXES = {
    COLLECTION: [IndexModel([("resolved_at", ASCENDING)], expireAfterSeconds=_KEPT_S)],  # null never expires
    SILENCES: [IndexModel([("until", ASCENDING)], expireAfterSeconds=86_400)],
}


class MongoAlerts:
    """As `shared.storage.alerts.Alerts` says."""

    def __init__(self, mongo: Mongo) -> None:
        self._alerts = mongo.collection(COLLECTION)
        self._silences = mongo.collection(SILENCES)
        self._channels = mongo.collection(CHANNELS)

    async def all(self) -> list[Alert]:
        """One read; there are as many as things that were wrong within a month."""
        with translated("alerts.all"):
            found = [_alert(document) async for document in self._alerts.find({})]
        return sorted(found, key=lambda alert: (-alert.fired_at.timestamp(), alert.key))

    async def fire(self, alert: Alert) -> bool:
        """An insert, or a replacement of one that is over: each decides for one of several."""
        document = _document(alert) | {"resolved_at": None}
        with translated("alerts.fire"):
            try:
                await self._alerts.insert_one(document)
            except DuplicateKeyError:
                over = {"_id": alert.key, "resolved_at": {"$ne": None}}
                return (await self._alerts.replace_one(over, document)).matched_count == 1
        return True

    async def resolve(self, alert: Alert, at: datetime, *, owed: Sequence[str]) -> bool:
        """One update by key, where it still fires."""
        change = {"$set": {"resolved_at": at, "owed": list(owed)}}
        with translated("alerts.resolve"):
            where = {"_id": alert.key, "fired_at": alert.fired_at, "resolved_at": None}
            return (await self._alerts.update_one(where, change)).matched_count == 1

    async def told(self, alert: Alert, channel: str) -> bool:
        """One update by key, where it stands as it was told."""
        where = {"_id": alert.key, "fired_at": alert.fired_at, "resolved_at": alert.resolved_at}
        with translated("alerts.told"):
            return (await self._alerts.update_one(where, {"$pull": {"owed": channel}})).matched_count == 1

    async def silence(self, silence: Silence) -> None:
        """One upsert by key."""
        with translated("alerts.silence"):
            change = {"$set": {"until": silence.until, "by": silence.by}}
            await self._silences.update_one({"_id": silence.name}, change, upsert=True)

    async def end_silence(self, name: str) -> bool:
        """One delete by key."""
        with translated("alerts.end_silence"):
            return (await self._silences.delete_one({"_id": name})).deleted_count == 1

    async def silences(self) -> list[Silence]:
        """One read."""
        with translated("alerts.silences"):
            found = [Silence(one["_id"], one["until"], one["by"]) async for one in self._silences.find({})]
        return sorted(found, key=lambda silence: silence.name)

    async def note_channel(self, state: ChannelState) -> None:
        """One upsert by key."""
        values = {name: value for name, value in asdict(state).items() if name != "name"}
        with translated("alerts.note_channel"):
            await self._channels.update_one({"_id": state.name}, {"$set": values}, upsert=True)

    async def channels(self) -> list[ChannelState]:
        """One read; there are a handful."""
        with translated("alerts.channels"):
            found = [
                ChannelState(
                    one["_id"], one["told_at"], one["failed_at"], one["error"], one["failures"], one["next_at"]
                )
                async for one in self._channels.find({})
            ]
        return sorted(found, key=lambda state: state.name)


def _document(alert: Alert) -> Document:
    values = {name: value for name, value in asdict(alert).items() if name != "key"}
    return values | {"_id": alert.key, "owed": list(alert.owed), "values": dict(alert.values)}


def _alert(stored: Document) -> Alert:
    return Alert(
        key=stored["_id"],
        rule=stored["rule"],
        since=stored["since"],
        fired_at=stored["fired_at"],
        resolved_at=stored["resolved_at"],
        values=stored["values"],
        owed=tuple(stored["owed"]),
    )
