"""What a case works with: a scratch folder, instances, and the database engine to use."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import peewee

from ecrm_server import config, data
from ecrm_server.config import Config
from ecrm_server.data import database
from ecrm_server.kernel import current, state
from ecrm_server.kernel import plugins as plugin_service
from ecrm_server.kernel.site import Site


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance folder and the database that belongs to it."""

    folder: Path
    database_url: str
    redis_url: str = ""

    def environ(self) -> dict[str, str]:
        """The environment in which ``ecrm`` serves it."""
        found = {
            "ECRM_INSTANCE": str(self.folder),
            "DATABASE_URL": self.database_url,
            "ECRM_SECRET_KEY": "bench",
        }
        return {**found, "REDIS_URL": self.redis_url}

    def config(self, **overrides: Any) -> Config:
        """Its settings."""
        return config.load(self.folder, self.environ(), **overrides)


@dataclass(slots=True)
class Bench:
    """Given to a case. ``engine``: sqlite or postgres. ``server``: a PostgreSQL server's maintenance database."""

    engine: str
    folder: Path
    server: str = ""
    _databases: list[str] = field(default_factory=list)

    def instance(self, name: str, *, redis_url: str = "") -> Instance:
        """A new instance with an empty database."""
        folder = self.folder / name
        folder.mkdir()
        if self.engine == "sqlite":
            return Instance(folder, f"sqlite:///{folder / 'ecrm.db'}", redis_url)
        return Instance(folder, self.create_database(), redis_url)

    def copy_of(self, instance: Instance, name: str) -> Instance:
        """A new instance with the same data; nobody may be connected to the first."""
        if self.engine == "sqlite":
            made = self.instance(name, redis_url=instance.redis_url)
            shutil.copyfile(whole_file(instance), made.database_url.removeprefix("sqlite:///"))
            return made
        folder = self.folder / name
        folder.mkdir()
        return Instance(
            folder, self.create_database(instance.database_url.rpartition("/")[2]), instance.redis_url
        )

    def create_database(self, template: str = "") -> str:
        """A new PostgreSQL database, or with ``template`` a copy of one; :meth:`close` drops it. Gives its address."""
        name = f"ecrm_bench_{uuid.uuid4().hex[:12]}"
        self.administer(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        self._databases.append(name)
        if template:
            # Hundreds of megabytes were copied; a commit that meets their way to the disk waits for seconds.
            with suppress(peewee.ProgrammingError):  # whoever may make databases need not be allowed this
                self.administer("CHECKPOINT")
        return self.address(name)

    def address(self, name: str) -> str:
        """The address of a database on the PostgreSQL server."""
        return f"{self.server.rpartition('/')[0]}/{name}"

    def administer(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a statement in the maintenance database of the PostgreSQL server. Gives the rows of a SELECT."""
        if database.obj is not None:
            database.close_all()
        data.connect(self.server)
        with database.connection_context():
            cursor = database.execute_sql(sql)
            rows = list(cursor.fetchall()) if cursor.description else []
        database.close_all()
        return rows

    def close(self) -> None:
        """Drop the databases that were made."""
        for name in self._databases:
            self.administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._databases.clear()


def whole_file(instance: Instance) -> Path:
    """The file of an SQLite instance, with everything of its log written into it."""
    data.connect(instance.database_url)
    with database.connection_context():
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close_all()
    return Path(instance.database_url.removeprefix("sqlite:///"))


@contextmanager
def opened(instance: Instance, *plugins: str) -> Iterator[Site]:
    """An open site of this process on an instance, migrated, with these plugins; nothing runs beside it."""
    site = Site(instance.config())
    site.connect()
    site.prepare()
    with database.connection_context():
        active = {row.name for row in state.rows().values() if row.active}
        for name in plugins:
            if name not in active:
                plugin_service.enable(site.config, name)
        site.dispatcher.start()
        yield site
    current.publish(None)
    database.close_all()
