"""What the demo adds to the stack: a stand-in gateway that plays the corpus, its groups, and a person to sign in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from services.operator import sources, users
from services.operator.folder import StackFolder
from services.operator.stack import SANDBOX, place_of
from services.operator.webhook import PATH
from shared.storage.accounts import Role

ADMIN = "admin"
CORPUS = Path(__file__).resolve().parents[2] / "tests" / "corpus" / "dev.jsonl"
_OWN = ("NATS_", "MONGO_", "WHAPI_", "SANDBOX_TOKEN", "SANDBOX_WEBHOOK", "SANDBOX_STATE", "SECRETS_DIR")
"""Settings that the demo decides itself, whatever the environment says: it must never touch a real stack."""


def demo_environment(folder: StackFolder, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of the demo's services, before the broker and the database are added."""
    environment = {key: value for key, value in inherited.items() if not key.startswith(_OWN)}
    token = folder.secret("WHAPI_TOKEN")
    secret = environment.setdefault("RECEIVER_SECRET", folder.secret("RECEIVER_SECRET"))
    environment |= {
        "MONGO_DATABASE": "takeone_demo",
        "WHAPI_TOKEN": token,
        "SANDBOX_TOKEN": token,
        "SANDBOX_WEBHOOK_SECRET": secret,
        "SANDBOX_STATE": str((folder.path / SANDBOX).resolve()),
    }
    environment.setdefault("SANDBOX_CORPUS", str(CORPUS))
    return environment


def sandbox_addresses() -> dict[str, str]:
    """Where the services find the sandbox and it finds the receiver, by the settings in the environment."""
    return {
        "WHAPI_URL": place_of(SANDBOX).url,
        "SANDBOX_WEBHOOK_URL": place_of("receiver").url + PATH,
    }


async def prepare(folder: StackFolder, corpus: Path) -> None:
    """Adds the sandbox's groups and the demo's admin; the same again changes nothing."""
    await sources.added(sources.sandbox_sources(corpus))
    if not await users.is_known(ADMIN):
        await users.added(ADMIN, folder.secret("ADMIN_PASSWORD"), Role.ADMIN)
