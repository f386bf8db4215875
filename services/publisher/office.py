"""Builds what the admins' pages work with, on the real stores."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from services.publisher.alerts.chosen import limits_of, thresholds_of
from services.publisher.letters import Letters, Replays
from services.publisher.life import Lives
from services.publisher.overview.board import Board, Follower, Stores
from services.publisher.settings import AlertSettings
from services.publisher.tokens import Tokens
from services.publisher.web.parts import Office
from shared.broker.ports import Publisher
from shared.broker.resend import Resender
from shared.broker.topology import Lag
from shared.storage.beating import replica_name
from shared.storage.mongo.accounts import MongoAccounts
from shared.storage.mongo.alerts import MongoAlerts
from shared.storage.mongo.audit import MongoAudit
from shared.storage.mongo.budgets import MongoBudgets
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.costs import MongoCosts
from shared.storage.mongo.dead_letters import MongoDeadLetters
from shared.storage.mongo.gateway import MongoGatewayRecord
from shared.storage.mongo.heartbeats import MongoHeartbeats
from shared.storage.mongo.leases import MongoLeases
from shared.storage.mongo.ledger import MongoLedger
from shared.storage.mongo.reckonings import MongoReckonings
from shared.storage.mongo.sources import MongoSources
from shared.storage.mongo.tokens import MongoTokens
from shared.storage.mongo.totals import MongoTotals


def furnished(
    mongo: Mongo, lags: Callable[[], Awaitable[Sequence[Lag]]], publisher: Publisher, resender: Resender
) -> tuple[Office, Follower]:
    """What the admins' pages work with, and what keeps the totals that they show."""
    calls, dead_letters = MongoCalls(mongo), MongoDeadLetters(mongo)
    sources, totals = MongoSources(mongo), MongoTotals(mongo)
    stores = Stores(
        totals=totals,
        calls=calls,
        sources=sources,
        gateway=MongoGatewayRecord(mongo),
        dead_letters=dead_letters,
        costs=MongoCosts(mongo),
        budgets=MongoBudgets(mongo),
        heartbeats=MongoHeartbeats(mongo),
        alerts=MongoAlerts(mongo),
        reckonings=MongoReckonings(mongo),
        lags=lags,
    )
    tokens = Tokens(MongoTokens(mongo), MongoAccounts(mongo), clock=_now)
    lives = Lives(calls, MongoLedger(mongo), dead_letters, lags)
    limits = limits_of(thresholds_of(AlertSettings()))
    audit = MongoAudit(mongo)
    letters = Letters(dead_letters, MongoLedger(mongo), sources, publisher, resender, audit, _now)
    board, replays = Board(stores, _now), Replays(letters)
    office = Office(board, sources, tokens, audit, lives, stores.alerts, limits, letters, replays)
    return office, Follower(totals, MongoLeases(mongo), _now, owner=replica_name())


def _now() -> datetime:
    return datetime.now(UTC)
