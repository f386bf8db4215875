"""A publisher on stores in memory, with a clock that tests turn."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import argon2
import httpx
from fastapi import FastAPI

from services.publisher.accounts import Accounts
from services.publisher.alerts.chosen import limits_of
from services.publisher.alerts.facts import Thresholds
from services.publisher.backlog import Backlog
from services.publisher.desk import Desk
from services.publisher.endings import Endings
from services.publisher.handlers import PublisherHandlers
from services.publisher.letters import Letters, Replays
from services.publisher.life import Lives
from services.publisher.overview.board import Board, Stores
from services.publisher.presence import Live, Presence
from services.publisher.suggestions import ASK, Automatic
from services.publisher.tokens import Tokens
from services.publisher.web.parts import Office, Options, Parts
from services.publisher.web.site import build
from shared.broker.ports import RecordingPublisher
from shared.broker.resend import RecordingResender
from shared.broker.topology import Lag
from shared.contracts.calls import CastingCall
from shared.contracts.ids import call_id, edited_id, posted_id
from shared.contracts.messages import Group, RawMessage
from shared.contracts.pipeline import Engine, ExtractedCall, Verdict
from shared.storage.calls import Call, summary_of
from shared.storage.ledger import Entry, State
from shared.storage.memory.accounts import MemoryAccounts
from shared.storage.memory.alerts import MemoryAlerts
from shared.storage.memory.audit import MemoryAudit
from shared.storage.memory.budgets import MemoryBudgets
from shared.storage.memory.calls import MemoryCalls
from shared.storage.memory.claims import MemoryClaims
from shared.storage.memory.costs import MemoryCosts
from shared.storage.memory.dead_letters import MemoryDeadLetters
from shared.storage.memory.gateway import MemoryGatewayRecord
from shared.storage.memory.heartbeats import MemoryHeartbeats
from shared.storage.memory.ledger import MemoryLedger
from shared.storage.memory.reckonings import MemoryReckonings
from shared.storage.memory.sources import MemorySources
from shared.storage.memory.texts import MemoryTexts
from shared.storage.memory.tokens import MemoryTokens
from shared.storage.memory.totals import MemoryTotals

PASSWORD = "correct horse battery"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
GROUP = Group(id="120363000000000001@g.us", name="كاستنج الرياض")


@dataclass
class House:
    """A publisher without its broker and its database."""

    calls: MemoryCalls = field(default_factory=MemoryCalls)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    dead_letters: MemoryDeadLetters = field(default_factory=MemoryDeadLetters)
    texts: MemoryTexts = field(default_factory=MemoryTexts)
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    now: datetime = START
    changed: list[Call] = field(default_factory=list)
    automatic: Automatic = ASK
    live: Live = field(default_factory=Live)
    claims: MemoryClaims = field(default_factory=MemoryClaims)
    sources: MemorySources = field(default_factory=MemorySources)
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    resender: RecordingResender = field(default_factory=RecordingResender)
    reckonings: MemoryReckonings = field(default_factory=MemoryReckonings)

    def clock(self) -> datetime:
        """The time, a millisecond later at each look."""
        self.now += timedelta(milliseconds=1)
        return self.now

    @property
    def handlers(self) -> PublisherHandlers:
        """The handlers on these stores."""
        return PublisherHandlers(
            self.calls,
            self.ledger,
            self.dead_letters,
            self.texts,
            self.clock,
            self.took,
            automatic=self.automatic,
        )

    @property
    def endings(self) -> Endings:
        """What handles the signs that a call is over."""
        window, standing = timedelta(days=14), self.backlog.of_group
        return Endings(
            self.calls, self.ledger, self.clock, self.took, standing, automatic=self.automatic, filled_window=window
        )

    @property
    def desk(self) -> Desk:
        """The desk on these stores."""
        return Desk(self.calls, self.ledger, self.clock, self.took)

    @cached_property
    def presence(self) -> Presence:
        """Who looks at what."""
        return Presence(self.claims, self.live, self.clock)

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts, with hashes that cost nothing."""
        made = Accounts(MemoryAccounts(), clock=self.clock)
        made._hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        return made

    @cached_property
    def backlog(self) -> Backlog:
        """The desk's list; kept true by `took`."""
        return Backlog(self.calls, self.clock, self.live.changed)

    def took(self, call: Call) -> None:
        """As the real publisher does after each change."""
        self.changed.append(call)
        self.backlog.put(summary_of(call))

    @cached_property
    def stores(self) -> Stores:
        """What the status page is read from."""
        return Stores(
            totals=MemoryTotals(self.ledger),
            calls=self.calls,
            sources=self.sources,
            gateway=MemoryGatewayRecord(),
            dead_letters=self.dead_letters,
            costs=MemoryCosts(),
            budgets=MemoryBudgets(),
            heartbeats=MemoryHeartbeats(),
            alerts=MemoryAlerts(),
            reckonings=self.reckonings,
            lags=self.lags,
        )

    @cached_property
    def office(self) -> Office:
        """What the admins' pages work with."""
        return Office(
            Board(self.stores, self.clock),
            self.sources,
            Tokens(MemoryTokens(), self.accounts._store, clock=self.clock),
            self.audit,
            Lives(self.calls, self.ledger, self.dead_letters, self.lags),
            self.stores.alerts,
            limits_of(Thresholds()),
            self.letters,
            Replays(self.letters),
        )

    @cached_property
    def letters(self) -> Letters:
        """What replays and drops dead letters."""
        return Letters(
            self.dead_letters, self.ledger, self.sources, self.publisher, self.resender, self.audit, self.clock
        )

    async def lags(self) -> list[Lag]:
        """How far the readers of the streams are behind."""
        return [Lag("RAW", "filter", 0, 0), Lag("CANDIDATES", "extractor", 3, 1)]

    async def counted(self) -> Board:
        """The board, with totals that have followed the ledger, read just now."""
        await self.stores.totals.follow(self.clock())
        await self.office.board.refresh()
        return self.office.board

    @cached_property
    def app(self) -> FastAPI:
        """The site on these stores."""
        options = Options(session_secret="s" * 40)
        return build(
            Parts(
                self.desk,
                self.calls,
                self.backlog,
                self.ledger,
                self.dead_letters,
                self.accounts,
                self.clock,
                options,
                self.live,
                self.presence,
                self.publisher.publish,
                self.office,
            )
        )

    async def call(self, id: str) -> Call:
        """The stored call."""
        found = await self.calls.get(id)
        assert found is not None
        return found

    async def message(self, message_id: str, **values: Any) -> None:
        """Puts a message into the ledger."""
        defaults: dict[str, Any] = {
            "claim": f"RAW:{message_id}",
            "state": State.CANDIDATE,
            "group_id": GROUP.id,
            "sent_at": START,
            "seen_at": START,
            "via": "webhook",
        }
        await self.ledger.record([Entry(id=message_id, **(defaults | values))])


def extracted(
    message_id: str = "m1",
    *,
    text: str = "مطلوب ممثل سعودي لفيلم قصير في الرياض",
    edit: str | None = None,
    **fields: Any,
) -> ExtractedCall:
    """The event that the extractor sends for one message, or for an edit of it."""
    message = RawMessage(
        event_id=posted_id(message_id), message_id=message_id, group=GROUP, sent_at=START, text=edit or text
    )
    edit_id = edited_id(message_id, edit) if edit else None
    values: dict[str, Any] = {"title": "ممثل لفيلم قصير", "project_type": "film", "location_city": "Riyadh"} | fields
    return ExtractedCall(
        event_id=f"call:{edit_id or message_id}",
        call_id=call_id(message_id),
        message=message,
        verdict=Verdict(passed=True, rule="scored_call", score=2.0),
        call=CastingCall.model_validate(values),
        engine=Engine(name="offline"),
        edit_id=edit_id,
    )


def visitor(house: House, **headers: str) -> httpx.AsyncClient:
    """A browser or a program of its own on this publisher's site; nobody has signed in with it."""
    transport = httpx.ASGITransport(house.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://desk.test", headers=headers)


async def sign_in(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 200
    client.headers["x-csrf-token"] = answer.json()["csrf_token"]


async def queued(house: House, message_id: str = "m1", **values: Any) -> Call:
    await house.message(message_id)
    await house.handlers.on_extracted(extracted(message_id, **values))
    return await house.call(call_id(message_id))


def plain(page: httpx.Response) -> str:
    """The page's text, with spaces as one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
