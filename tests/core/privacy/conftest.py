from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrm_server.access import Actor
from ecrm_server.data import Prepared
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.kernel.site import Site

_FILES = {
    "plugin.toml": 'name = "diary"\ntitle = "Diary"\nversion = "1.0"\n',
    "plugin.py": """
from __future__ import annotations

from typing import Any

from ecrm_server.api import Prepared, hookimpl

TEXTS = Prepared("SELECT body FROM diary_entry WHERE profile_id = ? ORDER BY body")
FORGET = Prepared("DELETE FROM diary_entry WHERE profile_id = ?")


def _readable(profile_id: int) -> list[str]:
    texts = [row[0] for row in TEXTS.tuples(profile_id)]
    if "blot" in texts:
        raise ValueError("an ink blot")
    return texts


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"entries": _readable(profile_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    if _readable(profile_id):
        FORGET.run(profile_id)
""",
    "migrations/0001_diary.py": """
def up(migrator, db):
    db.execute_sql("CREATE TABLE diary_entry (profile_id BIGINT, body TEXT)")


def down(migrator, db):
    db.execute_sql("DROP TABLE diary_entry")
""",
}


class Diary:
    """A plugin that stores what people write, and stumbles over ink blots."""

    def write(self, author: Actor, body: str) -> None:
        Prepared("INSERT INTO diary_entry (profile_id, body) VALUES (?, ?)").run(author.profile_id, body)

    def clean(self) -> None:
        Prepared("DELETE FROM diary_entry WHERE body = 'blot'").run()

    def count(self) -> int:
        return int(Prepared("SELECT count(*) FROM diary_entry").value())


@pytest.fixture
def site(both_engines: str, tmp_path: Path, make_site: Callable[..., Site]) -> Site:
    """A site with the diary dropped into the instance's folder of plugins and switched on."""
    for name, text in _FILES.items():
        path = tmp_path / "instance" / "plugins" / "diary" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return make_site("diary")


@pytest.fixture
def diary(site: Site) -> Diary:
    return Diary()


@pytest.fixture
def person(site: Any) -> Callable[..., Actor]:
    """``person("Ada", "admin")``: the actor of a new account."""

    def make(name: str, *roles: str) -> Actor:
        return actor_of(make_account(name, roles=roles))

    return make
