"""What the publisher reads."""

from __future__ import annotations

from typing import ClassVar, Literal

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
    when_deleted: Literal["suggest", "withdraw"] = Field(
        "suggest",
        description="When a call's message is deleted in WhatsApp: suggest to withdraw the call, or do it where it was"
        " posted nowhere else",
    )
    when_edited: Literal["suggest", "update"] = Field(
        "suggest", description="When the message of a decided call is edited: suggest the new facts, or take them"
    )
    when_filled: Literal["suggest", "withdraw"] = Field(
        "suggest", description="When its poster says plainly that a call is filled: suggest to withdraw it, or do it"
    )
    filled_days: float = Field(
        14, ge=0, description="For how many days a poster's word that quotes no call is taken to be about the last one"
    )
    relay_interval_s: float = Field(2, gt=0, description="How often unsent events are looked for, in seconds")
    case_days: float = Field(
        365,
        gt=0,
        description="How long the labelled cases made of reviewers' decisions, texts included, are kept, in days",
    )
    case_interval_s: float = Field(
        5, gt=0, description="How often decisions are looked for that are no labelled case yet, in seconds"
    )
    status_interval_s: float = Field(
        3, gt=0, description="How often the running totals and the figures of the status page are renewed, in seconds"
    )
    account_interval_s: float = Field(
        900, gt=0, description="How often it is accounted for every message of the last hours, in seconds"
    )
    account_window_h: float = Field(48, gt=0, description="How far back that account goes, in hours")
    account_grace_min: float = Field(
        5, gt=0, description="How old something must be before it counts as unaccounted for, in minutes"
    )
    expiry_interval_s: float = Field(
        300, gt=0, description="How often calls past their last day are taken out, in seconds"
    )


class AlertSettings(Settings):
    """When an alert is raised, and how it is told."""

    model_config = SettingsConfigDict(env_prefix="PUBLISHER_ALERT_")
    TITLE: ClassVar[str] = "Alerts (publisher, twin)"

    interval_s: float = Field(15, gt=0, description="How often the rules are evaluated, in seconds")
    settle_s: float = Field(
        120, ge=0, description="How long a trouble must be gone before its alert counts as over, in seconds"
    )
    language: Literal["ar", "en", "both"] = Field("both", description="Language of what is sent: ar, en or both")
    silence_h: float = Field(24, gt=0, description="Alert when no group brought a message for so many hours")
    error_rate: float = Field(
        0.1, gt=0, lt=1, description="Alert when more than this share of messages cannot be handled (0.1 is 10 %)"
    )
    error_window_min: float = Field(60, gt=0, description="Over how many minutes that share is taken")
    gateway_min: float = Field(5, ge=0, description="Alert when WhatsApp is disconnected for so many minutes")
    backlog: int = Field(1000, ge=1, description="Alert when more messages than this wait for one stage")
    backlog_min: float = Field(15, gt=0, description="Alert when a message waits for one stage for so many minutes")
    budget_share: float = Field(
        0.8, gt=0, le=1, description="Alert when this share of a day's budget of the model is spent (0.8 is 80 %)"
    )
    model_min: float = Field(5, ge=0, description="Alert when the model gives no answer for so many minutes")
    service_min: float = Field(3, ge=1, description="Alert when a service gives no sign of life for so many minutes")
    slack_url: SecretStr | None = Field(
        None, description="Address of a Slack-compatible incoming webhook that is sent the alerts"
    )
    mail_to: str | None = Field(None, description="E-mail addresses that are sent the alerts, separated by commas")
    mail_from: str | None = Field(None, description="Sender of these letters")
    smtp_host: str | None = Field(None, description="Mail server that takes them")
    smtp_port: int = Field(587, ge=1, le=65_535, description="Its port: usually 587 for starttls, 465 for tls")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection to it is encrypted: starttls, tls or none"
    )
    smtp_user: str | None = Field(None, description="User name, where the mail server asks for one")
    smtp_password: SecretStr | None = Field(None, description="Password of that user")
    whatsapp_to: str | None = Field(
        None,
        description="Chat that is sent the alerts on WhatsApp (9665…@s.whatsapp.net or a group); needs WHAPI_TOKEN",
    )


class HookSettings(Settings):
    """Our outgoing webhooks."""

    model_config = SettingsConfigDict(env_prefix="PUBLISHER_HOOKS_")
    TITLE: ClassVar[str] = "Outgoing webhooks (publisher, twin)"

    interval_s: float = Field(2, gt=0, description="How often waiting deliveries are looked for, in seconds")
    timeout_s: float = Field(20, gt=0, le=30, description="How long a subscriber may take to answer, in seconds")
    allow_private: bool = Field(
        False, description="Let subscribers be plain http and inside our own network; else only https on the internet"
    )
