"""The `twin` command on the broker and the database of a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from nats.js import JetStreamContext

from shared.settings import MongoSettings, NatsSettings
from shared.storage.mongo.connect import Mongo
from tests.services.operator.typed import Twin


@pytest.fixture
async def twin(
    tmp_path: Path, js: JetStreamContext, nats_settings: NatsSettings, mongo: Mongo, mongo_settings: MongoSettings
) -> Twin:
    """A command on a provisioned broker and database; words that are given by name are settings."""
    return Twin(
        tmp_path,
        {
            "NATS_URL": nats_settings.url,
            "MONGO_URL": mongo_settings.url.get_secret_value(),
            "MONGO_DATABASE": mongo_settings.database,
        },
    )
