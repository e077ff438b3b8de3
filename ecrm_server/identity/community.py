"""Community profiles in bulk: the authors of imported content, who have a profile and no account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecrm_server.content.names import name_key
from ecrm_server.data import Prepared
from ecrm_server.data.bulk import insert_many, select_by_key
from ecrm_server.identity.profiles import MAX_NAME, RESERVED, handle_base

_KNOWN = "SELECT source_key, id, account_id, name, source_url FROM profile WHERE source = ? AND source_key IN {keys}"
_TAKEN = "SELECT handle FROM profile WHERE handle IN {keys}"
_IS_TAKEN = Prepared("SELECT 1 FROM profile WHERE handle = ?")
_RENAME = Prepared(
    "UPDATE profile SET name = ?, name_key = ?, source_url = ? WHERE id = ? AND account_id IS NULL"
)
_COLUMNS = (
    "uid",
    "account_id",
    "name",
    "name_key",
    "handle",
    "source",
    "source_key",
    "source_url",
    "created_at",
    "demo",
)


@dataclass(frozen=True, slots=True)
class CommunityPerson:
    """An author elsewhere: ``key`` names the author there, ``url`` is their page; ``created_at`` in milliseconds."""

    uid: str
    key: str
    name: str
    url: str
    created_at: int


class CommunityProfiles:
    """Stores the authors of one source. Names may repeat; handles are made unique in the order of coming."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._last: dict[str, int] = {}

    def store(self, people: Sequence[CommunityPerson]) -> tuple[int, int]:
        """Store people or refresh their names, in the caller's transaction. Returns how many are new and how many
        changed; profiles that belong to an account by now are left as they are."""
        known = {row[0]: row for row in select_by_key(_KNOWN, [person.key for person in people], self.source)}
        changed, new = 0, []
        for person in people:
            shown = " ".join(person.name.split())[:MAX_NAME]
            row = known.get(person.key)
            if row is None:
                new.append((person, shown))
            elif row[2] is None and row[3:] != (shown, person.url):
                changed += _RENAME.run(shown, name_key(shown), person.url, row[1])
        self._insert(new)
        return len(new), changed

    def _insert(self, new: list[tuple[CommunityPerson, str]]) -> None:
        bases = [handle_base(shown) for _, shown in new]
        taken = {row[0] for row in select_by_key(_TAKEN, bases)} | RESERVED
        rows = []
        for (person, shown), base in zip(new, bases, strict=True):
            handle = self._free(base, taken)
            taken.add(handle)
            rows.append((
                person.uid, None, shown, name_key(shown), handle, self.source, person.key, person.url,
                person.created_at, False,
            ))  # fmt: skip
        insert_many("profile", _COLUMNS, rows)

    def _free(self, base: str, taken: set[str]) -> str:
        """``base``, or with the next number that nobody has. The last number is kept: names like John come often."""
        if base not in taken:
            return base
        number = self._last.get(base, 1) + 1
        while (handle := f"{base}-{number}") in taken or _IS_TAKEN.value(handle) is not None:
            number += 1
        self._last[base] = number
        return handle
