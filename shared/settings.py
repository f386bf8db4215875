"""The base of every service's settings, and the groups that several services share. No service's own setting is here.

Each setting is one environment variable, named PREFIX_FIELD. A value may also come from a file of that name in the
folder that SECRETS_DIR names (Docker secrets: /run/secrets), so that no secret has to stand in the environment.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import Misconfigured

_SHORTEST_SECRET = 6  # shorter ones would take words out of the log; a secret that short hides nothing anyway
_secrets: set[str] = set()


def known_secrets() -> frozenset[str]:
    """The values of all secret settings that this process has read, for whoever must not show them."""
    return frozenset(_secrets)


class Settings(BaseSettings):
    """A group of settings with one prefix. `load()` reads it and says in plain words what is wrong."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    TITLE: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, values: Any) -> Any:
        """An empty secret file is as if there were none (an empty variable is ignored by `env_ignore_empty`)."""
        return {name: value for name, value in values.items() if value != ""} if isinstance(values, dict) else values

    @classmethod
    def load(cls, **values: Any) -> Any:
        """This group from the environment. Misconfigured names each variable that is missing or wrong."""
        secrets = os.environ.get("SECRETS_DIR")
        try:
            loaded = cls(_secrets_dir=secrets if secrets and Path(secrets).is_dir() else None, **values)
            loaded._remember_secrets()
            return loaded
        except ValidationError as error:
            prefix = cls.model_config.get("env_prefix", "")
            lines = [
                f"{prefix}{'_'.join(str(part) for part in item['loc'])}".upper() + f": {item['msg']}"
                for item in error.errors(include_input=False)
            ]
            raise Misconfigured("; ".join(lines)) from None

    def _remember_secrets(self) -> None:
        for name, info in type(self).model_fields.items():
            value = getattr(self, name)
            if isinstance(value, SecretStr) and value != info.default:
                secret = value.get_secret_value()
                password = urlsplit(secret).password if "://" in secret else None
                _secrets.update(part for part in (secret, password) if part and len(part) >= _SHORTEST_SECRET)


class NatsSettings(Settings):
    """The broker."""

    model_config = SettingsConfigDict(env_prefix="NATS_")
    TITLE: ClassVar[str] = "Broker (all services)"

    url: str = Field(
        "nats://127.0.0.1:4222", description="Address of the broker; several, separated by commas; tls:// turns TLS on"
    )
    user: str | None = Field(None, description="User name, where the broker asks for one")
    password: SecretStr | None = Field(None, description="Password of that user")
    tls_ca: Path | None = Field(
        None, description="Certificates of the authorities that we believe about the broker; turns TLS on"
    )
    tls_cert: Path | None = Field(None, description="Our own certificate, where the broker asks for one; turns TLS on")
    tls_key: Path | None = Field(None, description="Key of that certificate")
    tls_first: bool = Field(
        True,
        description="With TLS, encrypt before the broker's first word, so that nobody can strip TLS off; false for a"
        " broker without `handshake_first`",
    )
    readers: str = Field(
        "consumer",
        description="Names of the outside readers of approved calls, separated by commas: each is a user of the broker"
        " with a durable consumer of that name, which `twin provision` makes",
    )
    replicas: int = Field(1, ge=1, le=5, description="Copies of each stream; 3 on a cluster of three nodes")
    max_age_days: float = Field(30, gt=0, description="How long the streams keep their messages, in days")
    max_bytes: int = Field(
        2_000_000_000,
        ge=1_000_000,
        description="Size limit of each stream; a full raw stream refuses and the gateway sends again",
    )
    duplicate_window_s: float = Field(
        1800, gt=0, description="How long the broker itself drops repeated events, in seconds"
    )
    publish_timeout_s: float = Field(
        5, gt=0, description="How long a publish waits for its acknowledgement, in seconds"
    )


class MongoSettings(Settings):
    """The database."""

    model_config = SettingsConfigDict(env_prefix="MONGO_")
    TITLE: ClassVar[str] = "Database (all services but the gateway stand-in)"

    url: SecretStr = Field(
        SecretStr("mongodb://127.0.0.1:27017/?directConnection=true"), description="Connection string of the database"
    )
    database: str = Field("takeone_twin", min_length=1, description="Name of the database")
    tls_ca: Path | None = Field(
        None, description="Certificates of the authorities that we believe about the database; turns TLS on"
    )
    tls_cert_key: Path | None = Field(
        None, description="Our own certificate and its key in one file, where the database asks for one; turns TLS on"
    )
    timeout_s: float = Field(
        5, gt=0, description="How long a database call may take before it counts as away, in seconds"
    )


class LogSettings(Settings):
    """The log."""

    model_config = SettingsConfigDict(env_prefix="LOG_")
    TITLE: ClassVar[str] = "Log (all services)"

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Lowest level that is written")
    format: Literal["json", "console"] = Field("json", description="json for machines, console for eyes")


class RetentionSettings(Settings):
    """How long persons are kept."""

    model_config = SettingsConfigDict(env_prefix="RETENTION_")
    TITLE: ClassVar[str] = "Personal data (publisher, extractor, twin)"

    days: float = Field(
        90,
        ge=1,
        description="How long words, senders and numbers are kept, in days; NATS_MAX_AGE_DAYS may not be longer",
    )
    interval_s: float = Field(3600, gt=0, description="How often is looked for what is older, in seconds")
    key: SecretStr | None = Field(
        None,
        min_length=32,
        description="With this the audit names an erased person, not by the number: 32 random characters or more; kept"
        " for good, since another key gives other names. `twin forget` needs it",
    )

    @property
    def time(self) -> timedelta:
        """How long persons are kept."""
        return timedelta(days=self.days)


def require_within_retention(nats: NatsSettings, retention: RetentionSettings) -> None:
    """Returns when the streams keep nothing for longer than persons may be kept; Misconfigured when they do."""
    if nats.max_age_days > retention.days:
        raise Misconfigured(
            f"NATS_MAX_AGE_DAYS is {nats.max_age_days:g} and RETENTION_DAYS {retention.days:g}: the streams hold"
            " persons, so they may not keep them for longer"
        )


class BreakerSettings(Settings):
    """When a stage stops by itself."""

    model_config = SettingsConfigDict(env_prefix="BREAKER_")
    TITLE: ClassVar[str] = "Stopping a stage whose messages die (filter, extractor, publisher)"

    share: float = Field(
        0.5, gt=0, le=1, description="A stage takes no more messages when more than this share of them died"
    )
    least: int = Field(10, ge=1, description="And at least so many")
    window_s: float = Field(300, gt=0, description="Within this time, in seconds")
    pause_s: float = Field(
        60,
        gt=0,
        description="How long it then waits before it tries one message, in seconds; twice as long each time that one"
        " dies, at most 16 times as long",
    )
