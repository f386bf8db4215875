"""What the sandbox can be told. Every knob is a setting, too: its value at the start."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.sandbox.knobs import Knobs
from shared.settings import Settings


class Address(Settings):
    """Where it listens."""

    model_config = SettingsConfigDict(env_prefix="SANDBOX_")
    TITLE: ClassVar[str] = "Sandbox: address"

    host: str = Field("127.0.0.1", description="Address to listen on; the control API has no lock, so keep it private")
    port: int = Field(8090, ge=1, le=65535, description="Port of the stand-in gateway, model and control API")


class SandboxSettings(Settings, Knobs):
    """What it plays, to whom, and its knobs at the start."""

    model_config = SettingsConfigDict(env_prefix="SANDBOX_", extra="ignore", frozen=True, env_ignore_empty=True)
    TITLE: ClassVar[str] = "Sandbox (demo and tests only)"

    corpus: Path | None = Field(None, description="Messages to replay, JSON lines; without one only posted ones come")
    loops: int = Field(1, ge=0, description="How often the corpus is played, with new message ids each time")
    seed: str = Field("1", description="What all chance is drawn from, message ids included")
    state: Path | None = Field(None, description="Folder that remembers what was posted, for the next start")
    channel_id: str = Field("SANDBX-00001", description="The stand-in channel's id")
    token: SecretStr = Field(SecretStr("sandbox-token"), description="Token that the REST API asks for")
    webhook_url: str | None = Field(None, description="Webhook that is registered at the start")
    webhook_header: str = Field("X-Webhook-Secret", description="Name of the header that carries the webhook's secret")
    webhook_secret: SecretStr | None = Field(None, description="Value of that header")
    webhook_hmac_secret: SecretStr | None = Field(
        None, description="Signs each webhook in x-whapi-signature (the real gateway does not)"
    )
    llm_key: SecretStr = Field(SecretStr("sandbox-key"), description="Key that the stand-in model asks for")

    def knobs(self) -> Knobs:
        """The knobs as they stand at the start."""
        return Knobs(**{name: getattr(self, name) for name in Knobs.model_fields})
