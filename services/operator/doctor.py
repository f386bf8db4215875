"""`twin doctor`: looks at each setting and each connection, and says what to do where something is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import typer

from services.extractor.settings import OpenAISettings
from services.operator import catalogue, connections
from services.operator.answers import FOUND, JsonOption, finish, run, show
from services.operator.folder import StackFolder
from services.operator.probe import ask
from services.operator.stack import SERVICES, place_of
from services.operator.webhook import PATH, webhook_headers
from services.receiver.settings import ReceiverSettings
from shared.broker import topology
from shared.errors import Misconfigured, Permanent, TwinError
from shared.observability.masking import without, without_credentials
from shared.settings import known_secrets

_LINKED = "AUTH"
_MODEL_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `todo` says what to do where it is not ok."""

    what: str
    ok: bool
    detail: str
    todo: str = ""


def doctor(context: typer.Context, as_json: JsonOption = False) -> None:
    """Check the configuration and every connection; exit code 1 when something fails."""
    folder: StackFolder = context.obj
    findings = [_discreet(finding) for finding in run(examined(services=folder.running() is not None))]
    lines = []
    for finding in findings:
        lines.append(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.what:<18} {finding.detail}")
        if finding.todo and not finding.ok:
            lines.append(f"      {'':<18} → {finding.todo}")
    good = all(finding.ok for finding in findings)
    show({"ok": good, "findings": [asdict(finding) for finding in findings]}, lines, as_json=as_json)
    if not good:
        finish(FOUND)


def _discreet(finding: Finding) -> Finding:
    """The finding without any secret of the settings: errors quote addresses, and addresses hold passwords."""
    return replace(finding, detail=without_credentials(without(known_secrets(), finding.detail)))


async def examined(*, services: bool) -> list[Finding]:
    """What was found, in the order of the pipeline. `services`: ask their health too, on this machine."""
    findings = settings_findings()
    for what, examine in (("broker", _broker), ("database", _database), ("gateway", _gateway), ("model", _model)):
        findings += [finding async for finding in _guarded(what, examine)]
    if services:
        findings += await asyncio.gather(*(_service(name) for name in SERVICES))
    return findings


def settings_findings() -> list[Finding]:
    """One finding a group of settings."""
    findings = []
    for group in catalogue.groups():
        prefix = str(group.source.model_config.get("env_prefix", "")).rstrip("_") or group.title
        try:
            group.source.load()
        except Misconfigured as error:
            findings.append(
                Finding(f"settings {prefix}", ok=False, detail=str(error), todo="docs/settings.md lists them")
            )
    return findings or [Finding("settings", ok=True, detail=f"{len(catalogue.names())} settings are well-formed")]


async def _guarded(what: str, examine: Callable[[], Awaitable[list[Finding]]]) -> AsyncIterator[Finding]:
    try:
        findings = await examine()
    except TwinError as error:
        message, _, todo = str(error).partition(": ")
        yield Finding(what, ok=False, detail=message if todo else str(error), todo=todo)
    except Exception as error:  # a doctor does not die of what it finds
        yield Finding(what, ok=False, detail=f"{type(error).__name__}: {error}")
    else:
        for finding in findings:
            yield finding


async def _broker() -> list[Finding]:
    async with connections.broker() as js:
        findings = [Finding("broker", ok=True, detail="answers")]
        readers = sorted({spec.durable for spec in topology.consumers()})
        try:
            lacking = [name for reader in readers for name in await topology.missing(js, reader)]
            lags = [] if lacking else await topology.lags(js)
        except Exception as error:  # JetStream itself may be switched off
            return [*findings, Finding("streams", ok=False, detail=str(error), todo="start the broker with JetStream")]
    if lacking:
        return [*findings, Finding("streams", ok=False, detail=f"missing: {', '.join(lacking)}", todo="twin provision")]
    waiting = ", ".join(f"{lag.stream}/{lag.durable} {lag.pending + lag.unacked}" for lag in lags)
    return [*findings, Finding("streams", ok=True, detail=f"all there; waiting: {waiting}")]


async def _database() -> list[Finding]:
    async with connections.database():
        return [Finding("database", ok=True, detail="answers")]


async def _gateway() -> list[Finding]:
    async with connections.gateway() as gateway:
        health = await gateway.health()
        linked = health.status == _LINKED
        findings = [
            Finding("gateway token", ok=True, detail="accepted"),
            Finding(
                "gateway session",
                ok=linked,
                detail=f"{health.status}, channel {health.channel_id or 'unknown'}",
                todo="open the channel in the gateway's panel and scan the QR code with the phone",
            ),
        ]
        return [*findings, webhook_finding(await gateway.settings(), ReceiverSettings.load())]


def webhook_finding(settings: dict[str, object], receiver: ReceiverSettings) -> Finding:
    """Whether the gateway delivers to a receiver like ours, with the secret that opens it."""
    todo = "twin webhook register https://YOUR-RECEIVER"
    hooks = settings.get("webhooks")
    ours = [
        hook
        for hook in (hooks if isinstance(hooks, list) else [])
        if isinstance(hook, dict) and PATH in str(hook.get("url"))
    ]
    if not ours:
        return Finding("gateway webhook", ok=False, detail="none is registered", todo=todo)
    try:
        wanted = webhook_headers(receiver)
    except Misconfigured as error:
        return Finding(
            "gateway webhook", ok=False, detail=str(error), todo="set RECEIVER_SECRET as the receiver has it"
        )
    sent = [{str(key).lower(): value for key, value in (hook.get("headers") or {}).items()} for hook in ours]
    if not any(all(headers.get(key.lower()) == value for key, value in wanted.items()) for headers in sent):
        return Finding("gateway webhook", ok=False, detail="it carries another secret than RECEIVER_SECRET", todo=todo)
    return Finding("gateway webhook", ok=True, detail="registered, with our secret")


async def _model() -> list[Finding]:
    settings: OpenAISettings = OpenAISettings.load()
    if settings.api_key is None or not settings.api_key.get_secret_value():
        return [Finding("model", ok=True, detail="no key: the offline engine reads")]
    status = await asyncio.to_thread(_ask_model, settings.base_url, settings.api_key.get_secret_value())
    if status == 200:
        return [Finding("model", ok=True, detail=f"{settings.base_url} accepts the key")]
    if status in (401, 403):
        return [Finding("model", ok=False, detail=f"the key is refused ({status})", todo="set OPENAI_API_KEY anew")]
    return [Finding("model", ok=False, detail=f"{settings.base_url} answers {status}", todo="check OPENAI_BASE_URL")]


def _ask_model(base_url: str, key: str) -> int:
    """The status of the endpoint's list of models: free, and only for a good key."""
    if not base_url.startswith(("http://", "https://")):
        raise Misconfigured("OPENAI_BASE_URL: starts with http:// or https://")
    request = Request(f"{base_url.rstrip('/')}/models", headers={"Authorization": f"Bearer {key}"})  # noqa: S310
    try:
        with urlopen(request, timeout=_MODEL_TIMEOUT_S) as answer:  # noqa: S310 (the scheme was checked)
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except (URLError, OSError) as error:
        raise Permanent(f"{base_url} does not answer: {error}") from error


async def _service(name: str) -> Finding:
    health = await asyncio.to_thread(ask, f"{place_of(name).url}/health/ready")
    return Finding(
        name, ok=health.ok, detail="ready" if health.ok else health.detail, todo="look at its lines in the log"
    )
