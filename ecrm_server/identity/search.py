"""People in the search, by name and handle: everybody may look at their pages, so everybody finds them.

Authors elsewhere and former members are no people of this site and are not found. Called in each change's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ecrm_server.data import Prepared
from ecrm_server.search import index
from ecrm_server.search.document import Document
from ecrm_server.search.kind import Hit, SearchKind

if TYPE_CHECKING:
    from ecrm_server.access import Actor

KIND = "identity.person"
SCOPE = "everyone"
BATCH = 500

_PEOPLE = (
    "SELECT id, uid, name, handle, created_at FROM profile WHERE source IS NULL AND (account_id IS NOT NULL OR demo)"
)
_ONE = Prepared(f"{_PEOPLE} AND id = ?")
_PAGE = Prepared(f"{_PEOPLE} AND id > ? ORDER BY id LIMIT {BATCH}")
_DEMO = Prepared("SELECT uid FROM profile WHERE demo")


def put(profile_id: int) -> None:
    """Put a person in as they are called now."""
    index.put_many(_document(row) for row in _ONE.rows(profile_id))


def put_everybody() -> int:
    """Put everybody in anew. Returns how many."""
    return index.put_many(_document(row) for row in _everybody())


def remove(profile_uid: str) -> None:
    """Take a person out."""
    index.remove(KIND, profile_uid)


def remove_demo() -> None:
    """Take the demo's people out."""
    index.remove_many(KIND, (uid for (uid,) in _DEMO.tuples()))


def _everybody() -> Iterator[dict[str, Any]]:
    last = 0
    while rows := _PAGE.rows(last):
        yield from rows
        last = rows[-1]["id"]


def _document(row: dict[str, Any]) -> Document:
    return Document(KIND, row["uid"], SCOPE, row["name"], f"@{row['handle']}", row["created_at"])


def scopes(actor: Actor) -> Iterable[str]:
    """One scope: pages of people are open to everybody."""
    return (SCOPE,)


def present(uids: list[str], actor: Actor) -> dict[str, Hit]:
    """Name and handle as they are now."""
    marks = ", ".join("?" * len(uids))
    rows = Prepared(f"{_PEOPLE} AND uid IN ({marks})").rows(*uids)
    return {row["uid"]: _hit(row) for row in rows}


def _hit(row: dict[str, Any]) -> Hit:
    handle = f"@{row['handle']}"
    return Hit(
        KIND,
        row["uid"],
        row["name"],
        f"/people/{row['handle']}",
        excerpt=handle,
        icon="user",
        at=row["created_at"],
    )


PEOPLE = SearchKind(KIND, "People", "user", scopes, present)
