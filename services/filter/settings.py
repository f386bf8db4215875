"""What the filter can be told."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings


class Address(Settings):
    """Where its health is served."""

    model_config = SettingsConfigDict(env_prefix="FILTER_")
    TITLE: ClassVar[str] = "Filter: health address"

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8083, ge=1, le=65535, description="Port of health and metrics")


class FilterSettings(Settings):
    """How it judges and how it reads."""

    model_config = SettingsConfigDict(env_prefix="FILTER_")
    TITLE: ClassVar[str] = "Filter"

    max_age_days: float = Field(7, gt=0, description="Messages older than this are not judged, in days")
    min_chars: int = Field(50, ge=0, description="Below this length a message needs stronger signs; no hard limit")
    threshold: float = Field(
        -1.3, ge=-20, le=20, description="Lowest score that passes; lower lets more through to the extractor"
    )
    surely_not: float = Field(
        -4.0, ge=-20, le=20, description="What the word lists score below this is stopped without a second look"
    )
    surely: float = Field(
        3.0, ge=-20, le=20, description="What the word lists score from here on passes without a second look"
    )
    share: float = Field(1.5, ge=0, le=10, description="How much the second look's score counts beside the lists'")
    check_share: float = Field(
        0.02, ge=0, le=1, description="Share of the rejections by score that a reviewer is asked to check"
    )
    tuning_poll_s: float = Field(5, ge=0.1, description="How often a changed tuning is looked for, in seconds")
    copy_window_days: float = Field(
        1,
        gt=0,
        description="The same text within this time is a copy of the first message; later it is one only while the"
        " first message's call is not over",
    )
    batch: int = Field(100, ge=1, le=2000, description="Messages that are taken and recorded at once")
    lanes: int = Field(4, ge=1, le=8, description="Batches at a time: one is recorded while the next is judged")
