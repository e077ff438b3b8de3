"""A community on a real server: people with API keys, a topic to write in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecrm_server import config
from ecrm_server.data import database
from ecrm_server.kernel import current
from ecrm_server.kernel.site import Site
from tests.requirements import require, server_postgres_url
from tests.system.servers import PostgresDatabase, Server


@dataclass(frozen=True)
class Community:
    """Who and what a test needs: ``topic`` is watched by ``watcher_id``, ``keys`` belong to two other members."""

    topic: str
    keys: tuple[str, ...]
    watcher_id: int


@pytest.fixture(params=["sqlite", "postgres"])
def database_of_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database of each engine ("" stands for the instance's SQLite file)."""
    if request.param == "sqlite":
        yield ""
        return
    require("postgres")
    with PostgresDatabase(server_postgres_url(), f"ecrm_system_{os.getpid()}") as made:
        yield made.url


def populate(server: Server) -> Community:
    """Prepare the instance and write its first people, category and topic from this process."""
    from ecrm_server.access import SYSTEM
    from ecrm_server.identity import apikeys
    from ecrm_server.identity.testing import actor_of, make_account

    server.command("init")
    site = Site(config.load(server.instance, environ=server.environment))
    site.connect()
    with database.connection_context():
        site.dispatcher.start()
        import importlib

        categories = importlib.import_module("ecrm_plugins.forums.services.categories")
        topics = importlib.import_module("ecrm_plugins.forums.services.topics")
        watcher, *writers = [make_account(name) for name in ("Wanda", "Ada", "Bea")]
        node = categories.create(SYSTEM, {"name": "Workshop"})
        opened = topics.open_topic(
            actor_of(watcher),
            node.uid,
            title="How do you keep a chain quiet?",
            source="Tell me.",
            tag_names=[],
        )
        keys = tuple(apikeys.issue(SYSTEM, row, "test", ["forums.reply", "forums.read"]) for row in writers)
        made = Community(opened.uid, keys, watcher.id)
    current.publish(None)
    database.close_all()
    return made


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """An empty instance folder."""
    folder = tmp_path / "instance"
    folder.mkdir()
    return folder
