"""Databases that take long to fill: made once for each schema and kept in the system's temporary folder."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ecrm_server.bench.context import Bench, Instance, opened, whole_file
from ecrm_server.data import database
from ecrm_server.kernel.discovery import discover
from ecrm_server.kernel.part import CORE_PARTS, core_folder


@dataclass(frozen=True, slots=True)
class Dataset:
    """A filled database. ``fill`` runs in an open site with ``plugins``; ``source`` is the file that holds it."""

    name: str
    plugins: tuple[str, ...]
    fill: Callable[[], None]
    source: Path

    def copy(self, bench: Bench, name: str, *, redis_url: str = "") -> Instance:
        """A new instance with a copy of the data."""
        if bench.engine == "sqlite":
            instance = bench.instance(name, redis_url=redis_url)
            shutil.copyfile(self._kept_file(bench), instance.database_url.removeprefix("sqlite:///"))
            return instance
        kept = self._kept_database(bench)
        folder = bench.folder / name
        folder.mkdir()
        return Instance(folder, bench.create_database(kept), redis_url)

    def _kept_file(self, bench: Bench) -> Path:
        folder = Path(tempfile.gettempdir())
        kept = folder / f"ecrm-bench-{self.name}-{self._key()}.db"
        if not kept.exists():
            for outdated in folder.glob(f"ecrm-bench-{self.name}-*.db"):
                outdated.unlink()
            making = bench.instance(f"making-{self.name}")
            self._make(making)
            shutil.move(whole_file(making), kept)
        return kept

    def _kept_database(self, bench: Bench) -> str:
        kept = f"ecrm_bench_{self.name}_{self._key()}"
        ours = f"starts_with(datname, 'ecrm_bench_{self.name}_')"
        there = bench.administer(f"SELECT datname FROM pg_database WHERE {ours}")
        if (kept,) not in there:
            for (outdated,) in there:
                bench.administer(f'DROP DATABASE "{outdated}"')
            making = bench.instance(f"making-{self.name}")
            self._make(making)
            made = making.database_url.rpartition("/")[2]
            bench.administer(f'ALTER DATABASE "{made}" RENAME TO "{kept}"')
        return kept

    def _make(self, instance: Instance) -> None:
        with opened(instance, *self.plugins):
            self.fill()
            database.execute_sql("ANALYZE")

    def _key(self) -> str:
        """Changes with every migration and with the way the data is made."""
        manifests = discover(Path("instance")).manifests
        folders = [
            *(core_folder(part) for part in CORE_PARTS),
            *(manifests[name].path for name in self.plugins),
        ]
        digest = hashlib.sha256(self.source.read_bytes())
        for folder in folders:
            for path in sorted((folder / "migrations").glob("*.py")):
                digest.update(path.read_bytes())
        return digest.hexdigest()[:12]
