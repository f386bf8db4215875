"""The builder's second half: the alerts and our webhooks, which go out beside the broker (also for `twin alert`), and
the account that is drawn up again and again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.publisher.alerts import watch
from services.publisher.alerts.chosen import channels_of, mail_server_of, thresholds_of
from services.publisher.alerts.teller import Channel, Teller
from services.publisher.hooks import LEASE as HOOKS_LEASE
from services.publisher.hooks import Dispatcher, HookFeed
from services.publisher.overview.board import Board
from services.publisher.reckoning.accountant import Accountant
from services.publisher.reckoning.schedule import RegularAccount
from services.publisher.retention import LEASE as RETENTION_LEASE
from services.publisher.retention import Retention
from services.publisher.settings import AlertSettings, HookSettings, PublisherSettings
from shared.broker.stored import Streams
from shared.errors import Transient
from shared.mail import SmtpMailer
from shared.settings import NatsSettings, RetentionSettings, require_within_retention
from shared.storage.beating import replica_name
from shared.storage.budgets import Budget
from shared.storage.mongo.alerts import MongoAlerts
from shared.storage.mongo.budgets import MongoBudgets
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.hooks import MongoHooks
from shared.storage.mongo.leases import MongoLeases
from shared.storage.mongo.reckonings import MongoReckonings
from shared.storage.mongo.retention import MongoRetention
from shared.storage.mongo.standings import MongoStandings
from shared.webhooks.sender import HttpPoster
from shared.whapi.client import WhapiClient
from shared.whapi.settings import WhapiSettings

Close = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What the publisher runs: `feed` reads `approved`, `chores` (seconds, chore, name) run again and again."""

    feed: HookFeed
    chores: tuple[tuple[float, Callable[[], Awaitable[object]], str], ...]
    close: Close


def outgoing(mongo: Mongo, board: Board, public_url: str | None) -> Outgoing:
    """All of it, built. Misconfigured where the settings do not fit together."""
    alert_settings: AlertSettings = AlertSettings.load()
    hook_settings: HookSettings = HookSettings.load()
    alerts, hooks, leases, me = MongoAlerts(mongo), MongoHooks(mongo), MongoLeases(mongo), replica_name()
    channels, close_channels = open_channels(alert_settings, mongo, public_url)
    poster = open_poster(hook_settings)
    alarm = watch.Watch(
        board,
        alerts,
        Teller(channels, alerts, _now),
        leases,
        _now,
        thresholds=thresholds_of(alert_settings),
        settle=timedelta(seconds=alert_settings.settle_s),
        owner=me,
    )
    dispatcher = Dispatcher(hooks, poster, leases, _now, owner=me)
    kept: RetentionSettings = RetentionSettings.load()
    require_within_retention(NatsSettings.load(), kept)
    retention = Retention(MongoCalls(mongo), MongoRetention(mongo), leases, _now, kept=kept.time, owner=me)

    async def close() -> None:
        with suppress(Transient):  # so that the next holder need not wait until they run out
            for lease in (watch.LEASE, HOOKS_LEASE, RETENTION_LEASE):
                await leases.release(lease, me)
        await close_channels()
        await poster.close()

    chores = (
        (alert_settings.interval_s, alarm.once, "alerts"),
        (hook_settings.interval_s, dispatcher.once, "hooks"),
        (kept.interval_s, retention.once, "retention"),
    )
    return Outgoing(HookFeed(hooks, _now), chores, close)


def regular_account(
    mongo: Mongo, streams: Streams, settings: PublisherSettings, nats_settings: NatsSettings
) -> RegularAccount:
    """What draws up the account as the settings say."""
    return RegularAccount(
        Accountant(streams, MongoStandings(mongo), kept=timedelta(days=nats_settings.max_age_days)),
        MongoReckonings(mongo),
        MongoLeases(mongo),
        _now,
        owner=replica_name(),
        every=timedelta(seconds=settings.account_interval_s),
        window=timedelta(hours=settings.account_window_h),
        grace=timedelta(minutes=settings.account_grace_min),
    )


def open_channels(settings: AlertSettings, mongo: Mongo, public_url: str | None) -> tuple[list[Channel], Close]:
    """The channels of the alerts, and what closes them. Misconfigured where the settings do not fit together."""
    server = mail_server_of(settings)
    gateway = _gateway(mongo) if settings.whatsapp_to else None
    poster = HttpPoster.open(private=True)  # the operator's own address, which may well be inside the network
    channels = channels_of(
        settings,
        poster=poster,
        mailer=SmtpMailer(server) if server else None,
        gateway=gateway,
        hooks=MongoHooks(mongo),
        clock=_now,
        public_url=public_url,
    )

    async def close() -> None:
        await poster.close()
        if gateway is not None:
            await gateway.close()

    return channels, close


def open_poster(settings: HookSettings) -> HttpPoster:
    """What sends to our subscribers; end it with `close()`."""
    return HttpPoster.open(private=settings.allow_private, timeout_s=settings.timeout_s)


def _gateway(mongo: Mongo) -> WhapiClient:
    """The gateway, with its requests taken from everybody's budget."""
    settings: WhapiSettings = WhapiSettings.load()
    limit = Budget("whapi", settings.requests_per_hour, timedelta(hours=1))
    return WhapiClient.open(settings, budget=lambda: MongoBudgets(mongo).take(limit, 1, _now()))


def _now() -> datetime:
    return datetime.now(UTC)
