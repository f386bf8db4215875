"""The shape of the model's answer: asked for strictly, read with patience.

The schema is held to the subset that strict structured output takes: every field required, null for unknown, no
further fields, no formats, limits or defaults. Reading takes a missing field as null all the same, since an endpoint
may know no strict mode.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contracts.calls import ContactKind, Gender, PayKind, ProjectType


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class AnswerRole(_Shape):
    """One described slot."""

    name: str
    gender: Gender | None = Field(None, description="any only where the text says both or either")
    age_min: int | None = None
    age_max: int | None = None
    count: int | None = Field(None, description="how many people, where it is said")
    requirements: list[str] = Field([], description="in the message's own words")


class AnswerDates(_Shape):
    """Days, both ends included."""

    start: str | None = Field(None, description="YYYY-MM-DD")
    end: str | None = Field(None, description="YYYY-MM-DD")


class AnswerPay(_Shape):
    """What is paid."""

    kind: PayKind = PayKind.UNSPECIFIED
    amount: float | None = Field(None, description="the lowest figure")
    amount_max: float | None = Field(None, description="the highest figure, where there are several")
    currency: str | None = Field(None, description="ISO 4217, null without a currency word")
    per: Literal["day", "hour", "month", "project"] | None = None


class AnswerContact(_Shape):
    """One way to apply."""

    kind: ContactKind
    value: str


class AnswerCall(_Shape):
    """The call's fields."""

    title: str
    project_type: ProjectType = ProjectType.OTHER
    production_company: str | None = None
    location_city: str | None = Field(None, description="usual English name")
    country: str | None = Field(None, description="ISO 3166-1 alpha-2")
    roles: list[AnswerRole] = []
    deadline: str | None = Field(None, description="YYYY-MM-DD, the last day to apply")
    shoot_dates: AnswerDates | None = None
    compensation: AnswerPay = AnswerPay()
    contacts: list[AnswerContact] = []
    language: Literal["ar", "en", "mixed"] = "ar"


class AnswerEvidence(_Shape):
    """Where a value comes from."""

    field: str = Field(description="deadline, shoot_dates, compensation, location_city, roles.0, contacts.0 and so on")
    quote: str = Field(description="words copied from the message, letter by letter")


class Answer(_Shape):
    """The whole answer."""

    is_casting_call: bool
    reason: str | None = Field(None, description="why it is none, in a few words")
    call: AnswerCall | None = None
    evidence: list[AnswerEvidence] = []

    @model_validator(mode="after")
    def _has_its_call(self) -> Answer:
        if self.is_casting_call and self.call is None:
            raise ValueError("is_casting_call is true and call is null")
        return self

    def quotes(self, field: str) -> list[str]:
        """The words that the model gives for this field."""
        return [item.quote for item in self.evidence if item.field == field]


def schema() -> dict[str, Any]:
    """The answer's JSON Schema in the strict subset."""
    strict: dict[str, Any] = _strict(Answer.model_json_schema())
    return strict


def _strict(node: Any) -> Any:
    """A schema node without what the subset lacks, and with every property required."""
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"]}  # nothing may stand beside a reference
    kept: dict[str, Any] = {}
    for key, value in node.items():
        if key in ("properties", "$defs"):
            kept[key] = {name: _strict(item) for name, item in value.items()}
        elif key in ("type", "enum", "const", "description", "items", "anyOf"):
            kept[key] = _strict(value)
    if kept.get("type") == "object":
        kept |= {"required": list(kept.get("properties", {})), "additionalProperties": False}
    return kept
