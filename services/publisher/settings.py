"""What the publisher reads."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings


class Address(Settings):
    """Where the desk listens."""

    model_config = SettingsConfigDict(env_prefix="PUBLISHER_")
    TITLE: ClassVar[str] = "Publisher: address"

    host: str = Field("127.0.0.1", description="Address that the desk listens on; 0.0.0.0 in a container")
    port: int = Field(8080, ge=1, le=65_535, description="Port of the desk, of health and of metrics")


class PublisherSettings(Settings):
    """The publisher: review desk, status and feed."""

    model_config = SettingsConfigDict(env_prefix="PUBLISHER_")
    TITLE: ClassVar[str] = "Publisher (review desk, status page, feed)"

    session_secret: SecretStr | None = Field(
        None, description="Signs the sessions: 32 random characters or more, the same on all replicas. Must be set"
    )
    session_hours: float = Field(12, gt=0, description="How long somebody stays signed in, in hours")
    secure_cookies: bool = Field(
        False, description="Send cookies over https only; switch on wherever the desk has https"
    )
    public_url: str | None = Field(
        None,
        description="Address under which people reach the desk, where a proxy changes it (https://casting.example)",
    )
    trust_proxy: bool = Field(
        False, description="Take the visitor's address from X-Forwarded-For; only behind a proxy that sets it"
    )
    auto_withdraw: bool = Field(
        False, description="Withdraw a call by itself when its message is deleted in WhatsApp, instead of suggesting it"
    )
    relay_interval_s: float = Field(2, gt=0, description="How often unsent events are looked for, in seconds")
    expiry_interval_s: float = Field(
        300, gt=0, description="How often calls past their last day are taken out, in seconds"
    )
