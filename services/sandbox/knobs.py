"""What can be turned while it runs: how fast, and what goes wrong how often. Shares go from 0 to 1."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Knobs(BaseModel):
    """The knobs of both stand-ins. What goes wrong is drawn from the seed, so that a run can be repeated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate_per_minute: float = Field(30, ge=0, le=60_000, description="Messages of the corpus a minute; 0 pauses")
    duplicates: Share = Field(0, description="Share of messages whose webhook comes twice")
    reorder: Share = Field(0, description="Share of messages whose webhook comes late, after later ones")
    dropped: Share = Field(0, description="Share of messages without a webhook: only the poller can find them")
    late_s: float = Field(
        5, ge=0, description="How much later a repeated or disordered webhook comes, at most, in seconds"
    )
    batch: int = Field(1, ge=1, le=500, description="Most messages in one webhook")
    senders: int = Field(1, ge=1, le=64, description="Webhooks under way at once; 1 keeps their order")
    backoff_step_s: float = Field(
        3, gt=0, description="By how much the wait grows with each failed webhook, in seconds"
    )
    backoff_cap_s: float = Field(600, gt=0, description="Longest wait between two tries of a webhook, in seconds")
    webhook_outage: bool = Field(False, description="No webhook gets through; they are tried again later")
    rest_outage: bool = Field(False, description="The REST API answers with a proxy's 503 page")
    too_many: Share = Field(0, description="Share of REST requests that are answered 429")
    retry_after_s: float | None = Field(None, ge=0, description="Retry-After of these answers; none without a value")
    errors: Share = Field(0, description="Share of REST requests that are answered 500")
    empty_pages: Share = Field(0, description="Share of lists that come back empty although there is something")
    rest_delay_s: float = Field(0, ge=0, description="How long each REST answer takes, in seconds")
    session: str = Field(
        "AUTH",
        pattern=r"^(AUTH|QR|INIT|LAUNCH|NOT_INIT|ERROR|SYNC_ERROR|STOP)$",
        description="State of the WhatsApp session; all but AUTH answer 401 and hold the webhooks back",
    )
    clock_offset_s: float = Field(
        0, allow_inf_nan=False, description="How far the gateway's clock is ahead, in seconds"
    )
    llm_refusals: Share = Field(0, description="Share of model answers that are refusals")
    llm_too_many: Share = Field(0, description="Share of model requests that are answered 429")
    llm_retry_after_s: float | None = Field(1, ge=0, description="Retry-After of these answers; none without a value")
    llm_hangs: Share = Field(0, description="Share of model requests that get no answer in time")
    llm_hang_s: float = Field(120, ge=0, description="How long such a request hangs, in seconds")
    llm_broken: Share = Field(0, description="Share of model answers that are broken JSON")
    llm_errors: Share = Field(0, description="Share of model requests that are answered 500")
    llm_inventions: Share = Field(0, description="Share of model answers with values that the text does not hold")
    llm_obeys: Share = Field(0, description="Share of model answers that obey the orders in a message")
    llm_delay_s: float = Field(0, ge=0, description="How long each model answer takes, in seconds")
