"""Connecting to MongoDB, durable writes by default, and the driver's errors in our own words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import Any

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import IndexModel, WriteConcern
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from shared.errors import Misconfigured, Unavailable
from shared.observability.masking import without_credentials
from shared.settings import MongoSettings

Document = dict[str, Any]
Database = AsyncIOMotorDatabase[Document]
Collection = AsyncIOMotorCollection[Document]

_UNAUTHORISED = {13, 18}
_SCHEMES = ("mongodb://", "mongodb+srv://")
_ASKED_AT_ONCE = 50  # the embedded server takes fifty times longer for ten times as many


class DatabaseAway(Unavailable):
    """The database does not answer."""


class Mongo:
    """One client and one database. Writes are acknowledged after the journal: `w: 1` alone survives no crash.

    Misconfigured where the address or the certificates of the settings cannot be read.
    """

    def __init__(self, settings: MongoSettings) -> None:
        timeout = int(settings.timeout_s * 1000)
        self.client: AsyncIOMotorClient[Document] = _client(
            settings.url.get_secret_value(),
            **_tls(settings),
            serverSelectionTimeoutMS=timeout,
            connectTimeoutMS=timeout,
            timeoutMS=timeout,
            # Our writes are idempotent already, and the embedded server slows down a hundredfold with retryable writes.
            retryWrites=False,
            tz_aware=True,
        )
        self.database: Database = self.client.get_database(
            settings.database,
            codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
            write_concern=WriteConcern(w="majority", j=True),
        )

    def collection(self, name: str) -> Collection:
        """The collection of that name, with this connection's durable write concern."""
        return self.database.get_collection(name)

    async def ping(self) -> None:
        """Returns when the database answers; Unavailable when it doesn't."""
        with translated("ping"):
            await self.database.command("ping")

    async def close(self) -> None:
        """Closes every connection."""
        self.client.close()


def _client(address: str, **options: Any) -> AsyncIOMotorClient[Document]:
    if not address.startswith(_SCHEMES):  # the driver would take it for a host, and wait for that one for ever
        raise Misconfigured(f"MONGO_URL: must begin with {' or '.join(_SCHEMES)}")
    try:
        return AsyncIOMotorClient(address, **options)
    except (ConfigurationError, InvalidURI, ValueError, OSError) as error:
        # The driver's words may quote the address, and with it the password.
        raise Misconfigured(f"MONGO_URL: {without_credentials(str(error))}") from None


def _tls(settings: MongoSettings) -> dict[str, Any]:
    """The driver's options for an encrypted connection; none where the settings name no certificate."""
    if settings.tls_ca is None and settings.tls_cert_key is None:
        return {}
    files = {"tlsCAFile": settings.tls_ca, "tlsCertificateKeyFile": settings.tls_cert_key}
    return {"tls": True, **{option: str(path) for option, path in files.items() if path is not None}}


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turns the driver's errors of the block into ours: an outage is Unavailable, a refused log-in is Misconfigured."""
    try:
        yield
    except (ConnectionFailure, ExecutionTimeout, WTimeoutError) as error:
        raise DatabaseAway(f"database is away ({what}): {error}") from error
    except OperationFailure as error:
        if error.code in _UNAUTHORISED:
            raise Misconfigured(f"database refuses our user ({what}): check MONGO_URL") from error
        if error.timeout or error.has_error_label("RetryableWriteError"):
            raise DatabaseAway(f"database is away ({what}): {error}") from error
        raise
    except PyMongoError as error:
        if error.timeout:
            raise DatabaseAway(f"database is away ({what}): {error}") from error
        raise


async def holding(
    collection: Collection, name: str, values: Sequence[str], fields: Document | None = None
) -> AsyncIterator[Document]:
    """The documents in which the field of this name has one of these values, a few asked for at a time."""
    for start in range(0, len(values), _ASKED_AT_ONCE):
        some = list(values[start : start + _ASKED_AT_ONCE])
        async for document in collection.find({name: {"$in": some}}, fields):
            yield document


async def create_indexes(mongo: Mongo, indexes: dict[str, list[IndexModel]]) -> None:
    """Makes the indexes of these collections; the same ones again change nothing."""
    for name, models in indexes.items():
        if models:
            with translated(f"indexes of {name}"):
                await mongo.collection(name).create_indexes(models)
