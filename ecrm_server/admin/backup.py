"""Backup and restore of the whole instance: database and uploaded files in one archive."""

from __future__ import annotations

import gzip
import os
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path

from ecrm_server import clock
from ecrm_server.config import Config
from ecrm_server.data import engine
from ecrm_server.errors import EcrmError

CONTENTS = ("ecrm.toml", "secret_key", "files", "plugins", "themes")
"""What of the instance folder belongs to a backup, beside the database."""
KEPT = 5
"""Automatic backups kept before migrations."""


def backup_before_migrating(config: Config) -> Path | None:
    """Copy the database into ``instance/backups`` before a migration changes it; None when it is still empty."""
    if engine.is_empty():
        return None
    folder = config.instance / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = clock.to_datetime(clock.now()).strftime("%Y%m%dT%H%M%S")
    target = folder / f"before-migration-{stamp}.{engine.dump_suffix()}"
    engine.dump(config.database_url, target)
    for old in sorted(folder.glob("before-migration-*"))[:-KEPT]:
        old.unlink()
    return target


def backup(config: Config, target: Path) -> dict[str, int]:
    """Write database, uploads, instance plugins and settings into one archive, consistent while the server runs.

    Returns counts for the summary: files and bytes. The secret key is part of it, so keep the archive safe.
    """
    with tempfile.TemporaryDirectory(dir=config.instance) as folder:
        dump = Path(folder) / f"database.{engine.dump_suffix()}"
        engine.dump(config.database_url, dump)
        files = 0
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)  # before the first byte, also of a file that was there
        with os.fdopen(descriptor, "wb") as raw, tarfile.open(
            fileobj=raw, mode="w:gz", compresslevel=1
        ) as archive:
            archive.add(dump, dump.name)
            for name in CONTENTS:
                path = config.instance / name
                if path.exists():
                    archive.add(path, name)
            files = len(archive.getmembers())
    return {"files": files, "bytes": target.stat().st_size}


def restore(config: Config, source: Path) -> dict[str, int]:
    """Fill an empty instance from an archive made by ``backup``. Raises EcrmError when it is not empty or no backup."""
    try:
        with tempfile.TemporaryDirectory(dir=config.instance) as folder, tarfile.open(source) as archive:
            members = archive.getnames()
            dump = _dump_among(members, source)
            _read_to_end(archive)
            archive.extractall(folder, filter="data")
            engine.restore(config.database_url, Path(folder) / dump)
            for name in CONTENTS:
                path = Path(folder) / name
                if path.exists():
                    _replace(path, config.instance / name)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise EcrmError(f"{source.name} cannot be read: {error}.") from error
    return {"files": len(members), "bytes": source.stat().st_size}


def _dump_among(members: list[str], source: Path) -> str:
    """The name of the dump, which must be one of the engine in use."""
    wanted = f"database.{engine.dump_suffix()}"
    if wanted in members:
        return wanted
    if any(name.startswith("database.") for name in members):
        raise EcrmError(f"{source.name} holds no {wanted}: it was made on the other kind of database.")
    raise EcrmError(f"{source.name} is no backup of eCRM Server: it holds no database.")


def _read_to_end(archive: tarfile.TarFile) -> None:
    """The checksum stands behind the last file, where nobody would look: a damaged archive must not be unpacked."""
    if archive.fileobj is not None:
        while archive.fileobj.read(1 << 20):
            pass


def _replace(source: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    elif target.exists():
        target.unlink()
    shutil.move(str(source), target)
