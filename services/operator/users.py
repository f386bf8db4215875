"""`twin users`: who may sign in at the review desk."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated

import typer

from services.operator import connections
from services.operator.answers import FOUND, JsonOption, finish, run, show, table
from services.publisher.accounts import Accounts, name_of
from shared.storage.accounts import Account, Role
from shared.storage.mongo.accounts import MongoAccounts

Name = Annotated[str, typer.Argument(help="The name to sign in with.")]


def add(
    name: Name,
    role: Annotated[
        Role | None, typer.Option(help="What the person may do; left out, a new one is a reviewer and others stay.")
    ] = None,
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
    generate: Annotated[bool, typer.Option(help="Make a password and print it.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Add a person, or give one a new password (and role)."""
    password = _password(from_input=password_stdin, generate=generate)
    account = run(added(name, password, role))
    answer: dict[str, object] = _public(account)
    lines = [f"{account.name} may sign in as {account.role}"]
    if generate:
        answer["password"] = password
        lines.append(f"password: {password}")
    show(answer, lines, as_json=as_json)


def list_(as_json: JsonOption = False) -> None:
    """List everybody."""

    async def work() -> list[Account]:
        async with connections.database() as mongo:
            return await Accounts(MongoAccounts(mongo)).all()

    accounts = run(work())
    rows = [(item.name, item.role, "disabled" if item.disabled else "active", item.created_at) for item in accounts]
    show([_public(item) for item in accounts], table(("name", "role", "state", "since"), rows), as_json=as_json)


def disable(name: Name, as_json: JsonOption = False) -> None:
    """Shut a person out and end their sessions."""

    async def work() -> bool:
        async with connections.database() as mongo:
            return await Accounts(MongoAccounts(mongo)).disable(name)

    known = run(work())
    show({"name": name, "disabled": known}, [f"{name} is shut out"] if known else [], as_json=as_json)
    if not known:
        sys.stderr.write(f"twin: there is nobody called {name}\n")
        finish(FOUND)


async def added(name: str, password: str, role: Role | None) -> Account:
    """The account, saved. Without a role, somebody who is known keeps theirs."""
    async with connections.database() as mongo:
        store = MongoAccounts(mongo)
        known = None if role else await store.get(name_of(name))
        return await Accounts(store).add(name, password, role or (known.role if known else Role.REVIEWER))


async def is_known(name: str) -> bool:
    """Whether there is an account of this name."""
    async with connections.database() as mongo:
        return await MongoAccounts(mongo).get(name) is not None


def _password(*, from_input: bool, generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(12)
    if from_input or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _public(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "role": str(account.role),
        "disabled": account.disabled,
        "created_at": account.created_at.isoformat(),
    }
