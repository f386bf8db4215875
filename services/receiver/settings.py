"""What the receiver reads from its environment."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings


class Address(Settings):
    """Where the receiver listens."""

    model_config = SettingsConfigDict(env_prefix="RECEIVER_")
    TITLE: ClassVar[str] = "Receiver: address"

    host: str = Field("127.0.0.1", description="Address that the receiver listens on; 0.0.0.0 in a container")
    port: int = Field(8081, ge=1, le=65535, description="Port of the webhook, of health and of metrics")


class ReceiverSettings(Settings):
    """Who may deliver, and how much."""

    model_config = SettingsConfigDict(env_prefix="RECEIVER_")
    TITLE: ClassVar[str] = "Receiver"

    auth: Literal["header", "hmac", "none-for-development"] = Field(
        "header",
        description="How a delivery proves where it comes from: header (a secret in a header: what Whapi.Cloud can), "
        "hmac (a signature in x-whapi-signature, for gateways that sign: Whapi.Cloud does not)",
    )
    secret: SecretStr | None = Field(
        None,
        description="The secret of that header or signature, 16 characters or more; the receiver needs it to start",
    )
    secret_previous: SecretStr | None = Field(
        None, description="A second secret that is accepted too, while the gateway is changed from one to the other"
    )
    header: str = Field(
        "X-Webhook-Secret",
        pattern=r"^[A-Za-z0-9-]{1,64}$",
        description="Name of the header that carries the secret (header mode)",
    )
    path_secret: SecretStr | None = Field(
        None,
        description="A random last segment of the webhook's address, 16 characters or more; no other path works then",
    )
    channel_id: str | None = Field(
        None, min_length=1, description="The gateway's channel; deliveries of any other are refused"
    )
    insecure_development: bool = Field(
        False, description="true lets the receiver start without a secret, open to everybody; never in production"
    )
    max_body: int = Field(
        5_242_880,
        ge=1024,
        description="Largest delivery in bytes; messages carry preview pictures, and a backlog holds many messages",
    )
    max_buffered: int = Field(
        67_108_864, ge=1024, description="Bytes of all deliveries that are being read at once; above it comes a 503"
    )
    body_timeout_s: float = Field(10, gt=0, description="How long a delivery may take to arrive whole, in seconds")
    sources_refresh_s: float = Field(
        5, gt=0, description="How often the list of active groups is read again and their last news noted, in seconds"
    )
