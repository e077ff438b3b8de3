"""What differs between the engines and is no query: copying, restoring, emptiness."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ecrm_server.data.database import database, is_postgres
from ecrm_server.errors import EcrmError


def is_empty() -> bool:
    """Whether no table exists yet."""
    return not database.get_tables()


def dump_suffix() -> str:
    """The file suffix of a dump of the engine in use."""
    return "pgdump" if is_postgres() else "db"


def dump(url: str, target: Path) -> None:
    """Write a consistent copy of the database while it is in use.

    SQLite copies in one step (a paged copy would never end under writes); PostgreSQL uses pg_dump.
    Raises EcrmError with one sentence when pg_dump is missing or fails.
    """
    if not is_postgres():
        with sqlite3.connect(target) as copy, sqlite3.connect(url.removeprefix("sqlite:///")) as source:
            source.backup(copy, pages=-1)
        copy.close()
        source.close()
        return
    _run("pg_dump", url, "--format=custom", "--no-owner", f"--file={target}")


def restore(url: str, source: Path) -> None:
    """Fill an empty database from a dump of the same engine: whole or not at all on SQLite.

    Raises EcrmError when the database is not empty, or the dump is none or damaged.
    """
    if not is_empty():
        raise EcrmError("The database is not empty. Restore into a new instance.")
    if not is_postgres():
        _check_sqlite(source)
        database.close_all()
        path = Path(url.removeprefix("sqlite:///"))
        shutil.copyfile(source, path.with_name(path.name + ".part"))
        for leftover in (path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            leftover.unlink(missing_ok=True)
        path.with_name(path.name + ".part").replace(path)
        return
    _run("pg_restore", url, "--no-owner", "--exit-on-error", str(source))


def _check_sqlite(source: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as dump:
            whole = dump.execute("PRAGMA quick_check").fetchone() == ("ok",)
            filled = dump.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
    except sqlite3.DatabaseError:
        whole = filled = False
    if not (whole and filled):
        raise EcrmError("The database in the backup is damaged. Use another backup.")


def _run(name: str, url: str, *arguments: str) -> None:
    program = shutil.which(name)
    if program is None:
        raise EcrmError(f"{name} is missing: sudo apt-get install postgresql-client.")
    address, password = _without_password(url)
    done = subprocess.run(
        [program, f"--dbname={address}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | ({"PGPASSWORD": password} if password else {}),
    )
    if done.returncode != 0:
        raise EcrmError(
            f"{name} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else done.returncode}"
        )


def _without_password(url: str) -> tuple[str, str]:
    """A database's address for a command line, which every user of the machine can read, and its password."""
    parts = urlsplit(url)
    if not parts.password:
        return url, ""
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}@{place}").geturl(), unquote(parts.password)
