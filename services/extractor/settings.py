"""What the extractor can be told."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings


class Address(Settings):
    """Where its health is served."""

    model_config = SettingsConfigDict(env_prefix="EXTRACTOR_")
    TITLE: ClassVar[str] = "Extractor: health address"

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8084, ge=0, le=65_535, description="Port of health and metrics")


class ExtractorSettings(Settings):
    """Which engine reads, and what happens when the model does not."""

    model_config = SettingsConfigDict(env_prefix="EXTRACTOR_")
    TITLE: ClassVar[str] = "Extractor"

    engine: Literal["auto", "openai", "offline"] = Field(
        "auto", description="auto takes openai where OPENAI_API_KEY is set, else the offline parsers"
    )
    concurrency: int = Field(4, ge=1, le=64, description="Messages that one replica reads at the same time")
    when_unavailable: Literal["wait", "offline"] = Field(
        "wait",
        description="While the model is away or a budget is spent: wait keeps the messages for later, offline reads "
        "them with the parsers and flags them model_away or budget_spent",
    )
    on_bad_answer: Literal["offline", "dead"] = Field(
        "offline",
        description="When the model refuses or answers nonsense: offline reads the message with the parsers and flags "
        "it model_failed, dead keeps it as a dead letter",
    )
    requests_a_day: int = Field(
        10_000, ge=0, description="Requests to the model a UTC day, over all replicas; 0 is no limit"
    )
    tokens_a_day: int = Field(
        0, ge=0, description="Tokens, sent and received, a UTC day, over all replicas; 0 is no limit"
    )
    cost_usd_a_day: float = Field(10, ge=0, description="US dollars a UTC day, over all replicas; 0 is no limit")
    pause_s: float = Field(
        5, ge=0, description="How long the model is left alone after it failed to answer, in seconds"
    )
    answer_days: int = Field(
        14,
        ge=1,
        le=365,
        description="Days for which a model's answer is kept, so that copies and second deliveries cost nothing",
    )
    likeness_days: float = Field(
        30, gt=0, le=365, description="Days for which a post is remembered, to know its copies, updates and siblings"
    )
    likeness_patience_s: float = Field(
        1200,
        ge=1,
        description="Seconds that a copy waits for its original, counted from when that was last worked on, before it "
        "goes on alone; longer than the longest pause between two tries, which is a quarter of an hour",
    )
    max_chars: int = Field(
        12_000, ge=500, description="Characters of a message that the model is shown; a longer one is flagged shortened"
    )


class OpenAISettings(Settings):
    """The model, behind any endpoint that speaks OpenAI's chat completions with structured output."""

    model_config = SettingsConfigDict(env_prefix="OPENAI_")
    TITLE: ClassVar[str] = "Model of the extractor"

    api_key: SecretStr | None = Field(None, description="Key of the endpoint; without it the offline parsers read")
    base_url: str = Field("https://api.openai.com/v1", min_length=1, description="Address of the endpoint")
    model: str = Field("gpt-4o-mini", min_length=1, description="Name of the model")
    seed: int = Field(7, description="Sent along so that the same message gets the same answer as far as the model can")
    tries: int = Field(3, ge=1, le=10, description="Times that one question is sent before the message waits for later")
    timeout_s: float = Field(18, gt=0, description="How long one request may take, in seconds")
    total_s: float = Field(23, gt=0, le=24, description="How long a message may take with all its tries, in seconds")
    answer_tokens: int = Field(4_000, ge=200, description="Most tokens that an answer may have")
    price_input: float | None = Field(
        None, ge=0, description="US dollars for a million tokens sent; needed for a model whose price is not built in"
    )
    price_output: float | None = Field(
        None,
        ge=0,
        description="US dollars for a million tokens received; needed for a model whose price is not built in",
    )
