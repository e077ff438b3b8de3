"""Authors: their profiles, written first and then looked up by their number on the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecrm_server.api import CommunityPerson, CommunityProfiles, Prepared
from ecrm_server.api import import_toolkit as tk

from .dump import Record
from .site import Site

_PROFILES = Prepared("SELECT source_key, id, uid, name FROM profile WHERE source = ?")


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote something. ``id`` and ``uid`` of the profile are None for somebody without one."""

    id: int | None
    uid: str | None
    name: str
    url: str

    @property
    def name_without_profile(self) -> str:
        """What a post stores beside an empty author; empty: a deleted person."""
        return self.name if self.id is None else ""


class Authors:
    """The people of a site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._store = CommunityProfiles(site.name)
        self._known: dict[str, tuple[int, str, str]] | None = None

    def write(self, records: list[Record], counts: tk.Counts) -> None:
        """Store the profiles of a chunk of users: name, page and time of joining, nothing else."""
        new, changed = self._store.store([self._person(record) for record in records])
        counts.add("profiles created", new)
        counts.add("profiles changed", changed)

    def _person(self, record: Record) -> CommunityPerson:
        key = str(record["Id"])
        uid = tk.imported_uid(self._site.name, f"user/{key}")
        name = record["DisplayName"].strip() or f"user{key}"
        return CommunityPerson(uid, key, name, self._site.author_url(record["Id"]), record["CreationDate"])

    def find(self, user: int | None, shown: str | None) -> Author:
        """The author with this number, else somebody of whom at most the name is known."""
        known = self._profiles().get(str(user)) if user is not None else None
        if known is None:
            return Author(None, None, " ".join((shown or "").split())[:120], "")
        return Author(*known, self._site.author_url(user))

    def profile_id(self, user: int) -> int | None:
        """The profile of a user, for awards."""
        return self.find(user, None).id

    def _profiles(self) -> dict[str, tuple[int, str, str]]:
        """Read once, after the phase that writes them."""
        if self._known is None:
            rows: list[tuple[Any, ...]] = _PROFILES.tuples(self._site.name)
            self._known = {key: (number, uid, name) for key, number, uid, name in rows}
        return self._known
