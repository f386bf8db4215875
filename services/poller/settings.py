"""What the poller reads from the environment."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.poller.comparing import Span
from shared.settings import Settings


class PollerSettings(Settings):
    """When groups are read, how far back, and what becomes of new groups. Times are in seconds unless they say days."""

    model_config = SettingsConfigDict(env_prefix="POLLER_")
    TITLE: ClassVar[str] = "Poller"

    interval: float = Field(900, gt=0, description="How often a group is read while webhooks flow, in seconds")
    interval_catch_up: float = Field(
        180, gt=0, description="How often a group is read while webhooks do not flow, in seconds"
    )
    overlap: float = Field(
        600,
        ge=0,
        description="How far before the last known message a poll starts, for those that come late, in seconds",
    )
    max_age_days: float = Field(7, gt=0, description="Older messages are not taken in, in days")
    tick: float = Field(1, gt=0, description="How often the poller looks for groups that are due, in seconds")
    concurrency: int = Field(4, ge=1, le=50, description="How many groups a replica reads at the same time")
    lease: float = Field(
        120, ge=1, description="How long a group stays with a replica that gives no sign of life, in seconds"
    )
    sync_interval: float = Field(86_400, gt=0, description="How often the list of groups is read, in seconds")
    import_as: Literal["proposed", "active"] = Field(
        "proposed",
        description="What a new group with a casting name becomes: proposed waits for a person, active is read at once",
    )
    reconcile_every_h: float = Field(
        6, gt=0, description="How often the gateway's list of a group is compared with what is known, in hours"
    )
    reconcile_window_h: float = Field(
        48, gt=0, description="How far back it is compared, in hours (never beyond POLLER_MAX_AGE_DAYS)"
    )
    reconcile_grace_min: float = Field(
        5, ge=1, description="How old a message must be before it counts as one that did not arrive, in minutes"
    )
    health_interval: float = Field(60, gt=0, description="How often the gateway's health is looked at, in seconds")
    health_patience: float = Field(
        180, ge=0, description="How long the gateway may be starting or silent before the operator is told, in seconds"
    )

    @property
    def span(self) -> Span:
        """How the gateway's lists are compared."""
        return Span(
            every=timedelta(hours=self.reconcile_every_h),
            back=timedelta(hours=self.reconcile_window_h),
            grace=timedelta(minutes=self.reconcile_grace_min),
            max_age=timedelta(days=self.max_age_days),
        )


class Address(Settings):
    """Where health and metrics are served."""

    model_config = SettingsConfigDict(env_prefix="POLLER_")
    TITLE: ClassVar[str] = "Poller: address"

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 in a container")
    port: int = Field(8082, ge=1, le=65535, description="Port of health and metrics")
