"""The streams and consumers: one owner makes them (`twin provision`), every service only binds to them.

Streams keep by limits, never by interest or as a work queue: raw messages can be replayed and dead letters looked at
without being eaten. A full stream refuses (discard new), so that the sender hears of it; nothing is pushed out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    KeyValueConfig,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import APIError, NotFoundError

from shared.broker.failures import failure_of
from shared.contracts.subjects import APPROVED, ROUTES
from shared.errors import Misconfigured
from shared.observability import metrics
from shared.settings import NatsSettings

ATTEMPTS_BUCKET = "attempts"  # starts without an end: how a message that kills its process is found (see settle.py)
_ATTEMPTS_TTL_S = 86_400.0
_STORAGE_CHANGE = 10052
_READER = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class ConsumerSpec:
    """A durable consumer. `ack_wait_s`: silence after which a message is handed to somebody else."""

    stream: str
    durable: str
    subjects: tuple[str, ...]
    ack_wait_s: float
    max_ack_pending: int


# What a process held when it died comes back after ack_wait; a heartbeat (heartbeat.py) keeps running work from doing
# so. A service that stands still for longer (swapped out, stopped) finds its work done twice, which is harmless.
_ACK_WAIT_S = 6.0
_MAX_ACK_PENDING = 256
_MORE_ACK_PENDING: dict[tuple[str, str], int] = {
    ("RAW", "filter"): 2_000,  # some batches of some replicas
    ("CANDIDATES", "extractor"): 512,  # the lanes of some replicas, and what waits for the model
}
_OUTSIDE_ACK_WAIT_S = 30.0  # whoever reads there may know no heartbeat


def consumers() -> list[ConsumerSpec]:
    """Every durable consumer, from the routes' table: one for each reader of a stream."""
    pairs = sorted((route.stream, reader, route.subject) for route in ROUTES for reader in route.readers)
    specs = []
    for (stream, reader), group in groupby(pairs, key=lambda pair: pair[:2]):
        pending = _MORE_ACK_PENDING.get((stream, reader), _MAX_ACK_PENDING)
        specs.append(ConsumerSpec(stream, reader, tuple(subject for *_, subject in group), _ACK_WAIT_S, pending))
    return specs


def services_of_routes() -> list[str]:
    """Every service that sends or reads something, by name."""
    return sorted({name for route in ROUTES for name in (*route.senders, *route.readers)})


def outside_readers(names: str) -> list[str]:
    """The names in a list with commas. Misconfigured where one is ours or cannot be a consumer's name."""
    found = [name.strip() for name in names.split(",") if name.strip()]
    ours = {*services_of_routes(), "operator"}
    if wrong := [name for name in found if not _READER.fullmatch(name) or name in ours]:
        raise Misconfigured(f"NATS_READERS: {', '.join(wrong)}: letters, digits, - and _, and no user of our own")
    return list(dict.fromkeys(found))


def _durables(settings: NatsSettings) -> list[ConsumerSpec]:
    """Every durable to make: ours, and one on `approved` for each outside reader, who may not make one itself."""
    outside = [
        ConsumerSpec(APPROVED.stream, name, (APPROVED.subject,), _OUTSIDE_ACK_WAIT_S, _MAX_ACK_PENDING)
        for name in outside_readers(settings.readers)
    ]
    return consumers() + outside


def streams(settings: NatsSettings) -> list[StreamConfig]:
    """Every stream with its limits."""
    names = sorted({route.stream for route in ROUTES})
    return [
        StreamConfig(
            name=name,
            subjects=sorted({route.subject for route in ROUTES if route.stream == name}),
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            max_age=settings.max_age_days * 86_400,
            max_bytes=settings.max_bytes,
            duplicate_window=settings.duplicate_window_s,
            num_replicas=settings.replicas,
        )
        for name in names
    ]


async def provision(js: JetStreamContext, settings: NatsSettings) -> list[str]:
    """Makes or corrects every stream, consumer and bucket; the same again changes nothing. Returns what it did.

    Misconfigured where the broker refuses, with its own words (three replicas on one node, another storage).
    """
    try:
        done = [await _ensure_stream(js, config) for config in streams(settings)]
        for spec in _durables(settings):
            await js.add_consumer(spec.stream, consumer_config(spec, start=await _start_of(js, spec)))
            done.append(f"consumer {spec.stream}/{spec.durable} on {', '.join(spec.subjects)}")
        done.append(await _ensure_bucket(js, settings))
    except APIError as error:
        said = f"{error.description} (code {error.err_code})" if error.description else failure_of(error)
        raise Misconfigured(f"the broker refuses the topology: {said}") from error
    return done


def consumer_config(spec: ConsumerSpec, *, start: int | None = None) -> ConsumerConfig:
    """The consumer as the broker is told of it; it begins with the first message, or with that of sequence `start`."""
    return ConsumerConfig(
        durable_name=spec.durable,
        filter_subjects=list(spec.subjects),
        deliver_policy=DeliverPolicy.ALL if start is None else DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=start,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=spec.ack_wait_s,
        max_deliver=-1,
        max_ack_pending=spec.max_ack_pending,
    )


async def _start_of(js: JetStreamContext, spec: ConsumerSpec) -> int | None:
    """Where this consumer was told to begin: the broker refuses to have that changed, and a restore has set it."""
    try:
        known: int | None = (await js.consumer_info(spec.stream, spec.durable)).config.opt_start_seq
    except NotFoundError:
        return None
    return known or None


async def _ensure_stream(js: JetStreamContext, config: StreamConfig) -> str:
    try:
        await js.stream_info(str(config.name))
    except NotFoundError:
        await js.add_stream(config)
        return f"stream {config.name} made"
    await js.update_stream(config)
    return f"stream {config.name} kept"


async def _ensure_bucket(js: JetStreamContext, settings: NatsSettings) -> str:
    try:
        await js.key_value(ATTEMPTS_BUCKET)
    except NotFoundError:
        await js.create_key_value(
            KeyValueConfig(bucket=ATTEMPTS_BUCKET, ttl=_ATTEMPTS_TTL_S, replicas=settings.replicas)
        )
    return f"bucket {ATTEMPTS_BUCKET}"


async def missing(js: JetStreamContext, reader: str) -> list[str]:
    """The consumers of this service that the broker lacks, as stream/durable; empty when it may work.

    What the broker says of the others is kept as `twin_lag`: each readiness check renews it at no cost of its own.
    """
    lacking = []
    for spec in consumers():
        if spec.durable != reader:
            continue
        try:
            info = await js.consumer_info(spec.stream, spec.durable)
        except NotFoundError:
            lacking.append(f"{spec.stream}/{spec.durable}")
        else:
            metrics.LAG.labels(stream=spec.stream, consumer=spec.durable).set(info.num_pending or 0)
    return lacking


async def require(js: JetStreamContext, reader: str) -> None:
    """Returns when every consumer of this service is there; Misconfigured with the command to type when not."""
    if lacking := await missing(js, reader):
        raise Misconfigured(f"the broker lacks {', '.join(lacking)}: run `twin provision` first")


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a consumer is behind: messages not yet delivered, and delivered without an acknowledgement.

    `oldest_at`: when the oldest of them came into the stream; None where there is none.
    """

    stream: str
    durable: str
    pending: int
    unacked: int
    oldest_at: datetime | None = None


async def lags(js: JetStreamContext, reader: str | None = None) -> list[Lag]:
    """The lag of each consumer (of one service, or of all)."""
    found = []
    for spec in consumers():
        if reader is None or spec.durable == reader:
            info = await js.consumer_info(spec.stream, spec.durable)
            pending, unacked = info.num_pending or 0, info.num_ack_pending or 0
            floor = info.ack_floor.stream_seq if info.ack_floor else 0
            oldest = await _oldest(js, spec, floor + 1) if pending or unacked else None
            found.append(Lag(spec.stream, spec.durable, pending, unacked, oldest))
    return found


async def _oldest(js: JetStreamContext, spec: ConsumerSpec, first: int) -> datetime | None:
    """When the first message for this consumer, from that place in the stream on, came in."""
    times = []
    for subject in spec.subjects:
        try:
            message = await js.get_msg(spec.stream, seq=first, subject=subject, next=True)
        except NotFoundError:  # there is none of this subject, or it has just been handled and aged out
            continue
        if message.time is not None:
            times.append(message.time)
    return min(times, default=None)
