"""The `twin` command: one place for everything that an operator types."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from services.operator import (
    alerts,
    broker_users,
    dead,
    documents,
    hooks,
    messages,
    secret_files,
    sources,
    tuning,
    users,
    webhook,
)
from services.operator.account import account
from services.operator.answers import explain
from services.operator.backup import backup
from services.operator.costs import costs
from services.operator.doctor import doctor
from services.operator.environment import adopt
from services.operator.evaluate import evaluate
from services.operator.export import export
from services.operator.folder import DEFAULT, StackFolder
from services.operator.forget import forget
from services.operator.provision import provision
from services.operator.quality import quality
from services.operator.replay import replay
from services.operator.restore import restore
from services.operator.trace import trace
from services.operator.train import train
from services.operator.up import up
from shared.errors import TwinError
from shared.observability import logging
from shared.settings import LogSettings

_OWN_SETTINGS = {"up", "docs", "secrets", "broker-users"}
"""Commands that decide themselves where their settings come from, or need none."""

app = typer.Typer(
    name="twin",
    help="TakeOne's digital twin: casting calls from WhatsApp groups, reviewed and passed on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _start(
    context: typer.Context,
    data: Annotated[Path, typer.Option(envvar="TWIN_DATA", help="Folder of the stack that runs here.")] = DEFAULT,
) -> None:
    # To standard error, and only what matters: standard output belongs to the answer.
    logging.configure(LogSettings(level="WARNING", format="console"), service="twin")
    context.obj = StackFolder(data)
    if context.invoked_subcommand not in _OWN_SETTINGS:
        adopt(context.obj)


def _group(name: str, help_text: str) -> typer.Typer:
    group = typer.Typer(name=name, help=help_text, no_args_is_help=True)
    app.add_typer(group)
    return group


app.command()(up)
app.command()(provision)
app.command()(doctor)
app.command()(trace)
app.command()(replay)
app.command()(account)
app.command()(costs)
app.command()(backup)
app.command()(restore)
app.command()(forget)
app.command()(export)
app.command()(messages.messages)
app.command()(messages.send)
app.command("eval")(evaluate)
app.command()(train)
app.command()(quality)
app.command()(documents.docs)
app.command("secrets")(secret_files.make)
app.command("broker-users")(broker_users.broker_users)

_sources = _group("sources", "The groups that are listened to.")
_sources.command("list")(sources.list_)
_sources.command()(sources.add)
_sources.command()(sources.activate)
_sources.command()(sources.deactivate)
_sources.command()(sources.sync)
_sources.command()(sources.demo)

_users = _group("users", "Who may sign in at the review desk.")
_users.command()(users.add)
_users.command("list")(users.list_)
_users.command()(users.disable)

_filter = _group("filter", "Thresholds, words and model of the filter, changed while it runs.")
_filter.command("show")(tuning.show_)
_filter.command("set")(tuning.set_)
_filter.command()(tuning.history)
_filter.command()(tuning.revert)
_words = typer.Typer(help="Entries of the word lists.", no_args_is_help=True)
_filter.add_typer(_words, name="words")
_words.command("add")(tuning.words_add)
_words.command("remove")(tuning.words_remove)

_alert = _group("alert", "What is wrong, and who is told.")
_alert.command("list")(alerts.list_)
_alert.command("test")(alerts.try_channels)
_alert.command()(alerts.silence)
_alert.command()(alerts.unsilence)

_dead = _group("dead", "Messages that could not be handled: why, and sending them on once more.")
_dead.command("list")(dead.list_)
_dead.command("show")(dead.show_)
_dead.command()(dead.replay)
_dead.command()(dead.drop)

_hooks = _group("hooks", "Who is sent approved calls and alerts by webhook.")
_hooks.command()(hooks.add)
_hooks.command("list")(hooks.list_)
_hooks.command()(hooks.remove)
_hooks.command("test")(hooks.try_one)
_hooks.command()(hooks.rotate)
_hooks.command()(hooks.enable)

_webhook = _group("webhook", "Where the gateway delivers.")
_webhook.command()(webhook.register)


def main(arguments: list[str] | None = None) -> None:
    """The console script. Exit codes: 0 fine, 1 failing or not found, 2 wrong use or wrong settings."""
    _clean_up_when_stopped()
    try:
        app(arguments)
    except TwinError as error:
        sys.exit(explain(error))


def _clean_up_when_stopped() -> None:
    """Has a command that is asked to stop, or whose terminal closes, take away what is half done, as at Ctrl-C."""

    def stop(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # once is enough, and the taking away is not to be interrupted
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        with suppress(ValueError):  # signals are for a process's main thread
            if signal.getsignal(number) is signal.SIG_DFL:  # else whoever started us wants it otherwise (nohup)
                signal.signal(number, stop)


if __name__ == "__main__":
    main()
