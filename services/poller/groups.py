"""The daily reading of the list of groups: new ones with casting names are imported, names and sizes kept true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from services.poller import logic
from services.poller.settings import PollerSettings
from shared.errors import Misconfigured, Permanent, Transient
from shared.storage.gateway import GatewayRecord
from shared.storage.leases import Leases
from shared.storage.notices import Notice, Notices
from shared.storage.sources import Source, Sources, SourceStatus
from shared.whapi.port import Gateway
from shared.whapi.wire import GroupInfo

log = structlog.get_logger(__name__)

_LEASE = "poller.groups"
_LEASE_TTL = timedelta(minutes=5)
_AFTER_FAILURE = timedelta(minutes=5)
_RENEWED_EVERY = 50  # groups
_ASKED_FOR_WITHIN = timedelta(seconds=10)  # how soon `synced(None)` is noticed


class GroupSync:
    """Reads the groups when that is due. One replica does it at a time, and whichever comes first."""

    def __init__(
        self,
        sources: Sources,
        gateway: Gateway,
        record: GatewayRecord,
        notices: Notices,
        leases: Leases,
        settings: PollerSettings,
        *,
        owner: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._sources = sources
        self._gateway = gateway
        self._record = record
        self._notices = notices
        self._leases = leases
        self._owner = owner
        self._clock = clock
        self._every = timedelta(seconds=settings.sync_interval)
        self._status = SourceStatus(settings.import_as)
        self._not_before: datetime | None = None

    async def run_if_due(self) -> list[Source] | None:
        """The groups that were found and added; None where it was not due or another replica is at it.

        A failure of the gateway is logged and tried again after five minutes.
        """
        now = self._clock()
        if self._not_before is not None and now < self._not_before:
            return None
        if not await self._due(now) or not await self._leases.acquire(_LEASE, self._owner, now=now, ttl=_LEASE_TTL):
            return None
        try:
            if not await self._due(now):  # another one has just done it
                return None
            found = await self.sync()
            await self._record.synced(self._clock())
            return found
        except (Transient, Permanent, Misconfigured) as error:
            wait = max(_AFTER_FAILURE, timedelta(seconds=getattr(error, "retry_after", None) or 0))
            self._not_before = now + wait
            log.warning("poller.sync_failed", cause=type(error).__name__, detail=str(error)[:300])
            return None
        finally:
            await self._leases.release(_LEASE, self._owner)

    async def _due(self, now: datetime) -> bool:
        synced_at = (await self._record.get()).synced_at
        if synced_at is None or now >= synced_at + self._every:
            return True
        self._not_before = min(synced_at + self._every, now + _ASKED_FOR_WITHIN)
        return False

    async def sync(self) -> list[Source]:
        """Reads all groups now; returns those that were added. The same again changes nothing."""
        known = {source.id: source for source in await self._sources.all()}
        found: list[Source] = []
        listed = renamed = 0
        async for group in self._gateway.groups():
            listed += 1
            if listed % _RENEWED_EVERY == 0:
                await self._leases.acquire(_LEASE, self._owner, now=self._clock(), ttl=_LEASE_TTL)
            if stored := known.get(group.id):
                renamed += await self._keep_true(stored, group)
            elif source := await self._import(group):
                found.append(source)
        log.info("poller.groups_synced", listed=listed, found=len(found), renamed=renamed)
        return found

    async def _keep_true(self, stored: Source, group: GroupInfo) -> bool:
        name = group.name or stored.name
        size = stored.participants if group.size is None else group.size
        if (name, size) == (stored.name, stored.participants):
            return False
        await self._sources.rename(stored.id, name, size)
        return True

    async def _import(self, group: GroupInfo) -> Source | None:
        """The source that this group became; None where its name says nothing of casting."""
        words = logic.casting_words(group.name or "")
        if not group.name or not words:
            return None
        now = self._clock()
        source = Source(group.id, group.name, self._status, now, added_by="sync", participants=group.size)
        doing = "is read from now on" if self._status is SourceStatus.ACTIVE else "waits for its activation"
        notice = Notice(
            id=f"group_found:{group.id}",
            kind="group_found",
            text=f"New group “{group.name}” looks like casting and {doing}.",
            at=now,
            details={"group_id": group.id, "name": group.name, "status": str(self._status), "words": list(words)},
        )
        await self._notices.add(notice)  # first: a group that is known already is never told of again
        if not await self._sources.add(source):
            return None
        log.info("poller.group_found", group=group.id, status=str(self._status), words=words, participants=group.size)
        return source
