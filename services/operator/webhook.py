"""`twin webhook register`: tells the gateway where our receiver is, and with which secret it opens."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from services.operator import connections
from services.operator.answers import JsonOption, run, show
from services.receiver.settings import ReceiverSettings
from shared.errors import Misconfigured

PATH = "/webhooks/whapi"


def register(
    url: Annotated[str, typer.Argument(help="The receiver's public address: https://host, or with the whole path.")],
    as_json: JsonOption = False,
) -> None:
    """Register the receiver at the gateway: reads its settings, puts ours in, leaves other webhooks alone."""
    address = run(registered(url))
    shown = without_secret(address)
    show({"registered": shown}, [f"the gateway delivers to {shown}"], as_json=as_json)


async def registered(url: str) -> str:
    """Registers the receiver and returns the address that the gateway now delivers to."""
    settings: ReceiverSettings = ReceiverSettings.load()
    address = webhook_address(url, settings)
    async with connections.gateway() as gateway:
        await gateway.register_webhook(address, webhook_headers(settings))
    return address


def webhook_headers(settings: ReceiverSettings) -> dict[str, str]:
    """What a delivery must carry to be let in; Misconfigured where the receiver has no secret to send."""
    if settings.auth != "header":
        return {}
    if settings.secret is None:
        raise Misconfigured("RECEIVER_SECRET is not set: the gateway must be told what to send")
    return {settings.header: settings.secret.get_secret_value()}


def webhook_address(url: str, settings: ReceiverSettings) -> str:
    """The webhook's whole address, from it or from the receiver's host alone."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Misconfigured(f"{url!r} is no address: write https://host")
    if parts.path.strip("/"):
        return url
    secret = settings.path_secret.get_secret_value() if settings.path_secret else ""
    return f"{parts.scheme}://{parts.netloc}{PATH}" + (f"/{secret}" if secret else "")


def without_secret(address: str) -> str:
    """The address for showing: what stands behind our path, or in a query, opens the receiver."""
    base, query, _ = address.partition("?")
    before, ours, secret = base.partition(PATH)
    return before + ours + ("/…" if ours and secret.strip("/") else secret) + ("?…" if query else "")
