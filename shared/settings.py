"""The base of every service's settings, and the groups that several services share. No service's own setting is here.

Each setting is one environment variable, named PREFIX_FIELD. A value may also come from a file of that name in the
folder that SECRETS_DIR names (Docker secrets: /run/secrets), so that no secret has to stand in the environment.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import Misconfigured


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
            return cls(_secrets_dir=secrets if secrets and Path(secrets).is_dir() else None, **values)
        except ValidationError as error:
            prefix = cls.model_config.get("env_prefix", "")
            lines = [
                f"{prefix}{'_'.join(str(part) for part in item['loc'])}".upper() + f": {item['msg']}"
                for item in error.errors(include_input=False)
            ]
            raise Misconfigured("; ".join(lines)) from None


class NatsSettings(Settings):
    """The broker."""

    model_config = SettingsConfigDict(env_prefix="NATS_")
    TITLE: ClassVar[str] = "Broker (all services)"

    url: str = Field("nats://127.0.0.1:4222", description="Address of the broker; several, separated by commas")
    user: str | None = Field(None, description="User name, where the broker asks for one")
    password: SecretStr | None = Field(None, description="Password of that user")
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
    timeout_s: float = Field(
        5, gt=0, description="How long a database call may take before it counts as away, in seconds"
    )


class LogSettings(Settings):
    """The log."""

    model_config = SettingsConfigDict(env_prefix="LOG_")
    TITLE: ClassVar[str] = "Log (all services)"

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Lowest level that is written")
    format: Literal["json", "console"] = Field("json", description="json for machines, console for eyes")
