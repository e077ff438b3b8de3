from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from markupsafe import Markup

from ecrm_server.access import Actor
from ecrm_server.data import Prepared, database
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.kernel import current
from ecrm_server.moderation.kind import Moderated, ModeratedKind

_STATE = Prepared("UPDATE wall_note SET state = ? WHERE uid = ?")


def _load(uid: str) -> Moderated | None:
    row = Prepared("SELECT * FROM wall_note WHERE uid = ?").row(uid)
    if row is None:
        return None
    return Moderated(uid, f"Note {uid}", f"/wall/{uid}", row["body"], row["author_id"], 0, Markup("<em>drawn</em>"))


NOTE = ModeratedKind(
    name="wall.note",
    title="Note",
    load=_load,
    may_see=lambda actor, uid: not uid.startswith("private"),
    hide=lambda uid, actor: _STATE.run("hidden", uid),
    restore=lambda uid, actor: _STATE.run("shown", uid),
    approve=lambda uid, actor: _STATE.run("shown", uid),
)


class Wall:
    """A part with moderated notes, on a table of its own."""

    def write(self, author: Actor | None, uid: str, state: str = "shown") -> str:
        Prepared("INSERT INTO wall_note (uid, author_id, body, state) VALUES (?, ?, 'Some words', ?)").run(
            uid, author and author.profile_id, state
        )
        return uid

    def state(self, uid: str) -> str:
        return str(Prepared("SELECT state FROM wall_note WHERE uid = ?").value(uid))


@pytest.fixture
def wall(both_engines: str, site: Any) -> Iterator[Wall]:
    database.execute_sql(
        "CREATE TABLE wall_note (uid VARCHAR(40) PRIMARY KEY, author_id BIGINT, body TEXT, state VARCHAR(10))"
    )
    kinds = current.generation().registry.moderated_kinds
    kinds[NOTE.name] = NOTE
    yield Wall()
    kinds.pop(NOTE.name, None)


@pytest.fixture
def person(site: Any) -> Callable[..., Actor]:
    """``person("Ada", "moderator")``: the actor of a new account."""

    def make(name: str, *roles: str, **more: Any) -> Actor:
        return actor_of(make_account(name, roles=roles, **more))

    return make
