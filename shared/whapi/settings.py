"""The settings of the WhatsApp gateway, for the services that ask it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings


class WhapiSettings(Settings):
    """The gateway's REST API."""

    model_config = SettingsConfigDict(env_prefix="WHAPI_")
    TITLE: ClassVar[str] = "WhatsApp gateway (poller, twin; publisher where alerts go to WhatsApp)"

    url: str = Field("https://gate.whapi.cloud", pattern=r"^https?://", description="Address of the gateway's REST API")
    token: SecretStr | None = Field(None, description="The channel's token (Whapi panel, channel, API token)")
    token_file: Path | None = Field(
        None, description="File that holds the token instead; it is read again when the token is refused"
    )
    timeout_s: float = Field(10, gt=0, le=120, description="How long one request may take, in seconds")
    requests_per_hour: int = Field(
        1000, ge=1, description="How many requests an hour all replicas and tools together may send to the gateway"
    )
