"""Whole posts as other writers word them, read from Thursday 15 October 2026, 18:00 in Riyadh."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from services.extractor.offline.engine import extract
from shared.contracts.calls import CastingCall

NOW = datetime.fromisoformat("2026-10-15T18:00:00+03:00")


@dataclass(frozen=True)
class Post:
    """A post and what it says; gender null is "any", an open end of the shoot "*"."""

    text: str
    type: str
    city: str | None
    deadline: str | None
    shoot: str | None
    pay: str
    contact: str
    roles: list[tuple[str | None, int | None, int | None]]


FIXTURE = Path(__file__).parents[2] / "fixtures" / "offline_posts.jsonl"
POSTS = [Post(**json.loads(line)) for line in FIXTURE.read_text(encoding="utf-8").splitlines()]


def read(post: Post) -> CastingCall:
    call = extract(post.text, NOW).call
    assert call is not None
    return call


def pay(call: CastingCall) -> str:
    kind, amount = call.compensation.kind.value, call.compensation.amount
    if kind != "paid":
        return kind
    stated = f"{amount.normalize():f}" if amount else None
    return f"paid {stated} {call.compensation.amount_max} {call.compensation.currency} {call.compensation.per}"


@pytest.mark.parametrize("post", POSTS, ids=range(len(POSTS)))
def test_dates_are_read(post: Post) -> None:
    call = read(post)
    shoot = call.shoot_dates
    days = f"{shoot.start}/{shoot.end or '*'}" if shoot else None
    assert (call.deadline and str(call.deadline), days) == (post.deadline, post.shoot)


@pytest.mark.parametrize("post", POSTS, ids=range(len(POSTS)))
def test_place_type_pay_and_contact_are_read(post: Post) -> None:
    call = read(post)
    contacts = ",".join(f"{one.kind.value}:{one.value}" for one in call.contacts)
    assert (call.project_type.value, call.location_city, pay(call), contacts) == (
        post.type, post.city, post.pay, post.contact,
    )  # fmt: skip


@pytest.mark.parametrize("post", POSTS, ids=range(len(POSTS)))
def test_roles_are_read(post: Post) -> None:
    found = [(one.gender.value if one.gender else "any", one.age_min, one.age_max) for one in read(post).roles]
    assert found == [(gender or "any", low, high) for gender, low, high in post.roles]
