"""Profiles: what others see of a person, with or without an account."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import peewee

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.content.names import name_key, slugify
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Refusal
from ecrm_server.events import emit
from ecrm_server.identity import search
from ecrm_server.identity.actors import avatar_url
from ecrm_server.identity.events import ProfileChanged

MAX_NAME = 80
MAX_HANDLE = 40
TAKEN = "This handle is taken."
_HANDLE = re.compile(r"\w(?:[\w.-]{0,38}\w)?")
RESERVED = frozenset({"admin", "moderator", "staff", "system", "everyone", "here", "all", "anonymous", "me"})

_COLUMNS = "id, uid, account_id, name, handle, avatar, source, source_key, source_url, created_at"
_BY_UID = Prepared(f"SELECT {_COLUMNS} FROM profile WHERE uid = ?")
_BY_HANDLE = Prepared(f"SELECT {_COLUMNS} FROM profile WHERE handle = ?")
_BY_ACCOUNT = Prepared(f"SELECT {_COLUMNS} FROM profile WHERE account_id = ?")
_TAKEN = Prepared("SELECT handle FROM profile WHERE handle = ? OR handle LIKE ?")
_INSERT = Prepared(
    "INSERT INTO profile (uid, account_id, name, name_key, handle, source, source_key, source_url, created_at, demo)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (handle) DO NOTHING RETURNING id"
)
_IMPORTED = Prepared("SELECT id FROM profile WHERE source = ? AND source_key = ?")
_RENAME = Prepared("UPDATE profile SET name = ?, name_key = ?, source_url = ? WHERE id = ?")
_UPDATE = Prepared("UPDATE profile SET name = ?, name_key = ?, handle = ? WHERE account_id = ?")
_AVATAR = Prepared("UPDATE profile SET avatar = ? WHERE account_id = ?")
_COMPLETE = Prepared(
    "SELECT uid, name, handle, avatar FROM profile WHERE (handle LIKE ? OR name_key LIKE ?) AND source IS NULL"
    " AND (account_id IS NOT NULL OR demo) ORDER BY handle LIMIT ?"
)


def by_uid(uid: str) -> dict[str, Any] | None:
    """A profile by its public id."""
    return _BY_UID.row(uid)


def by_handle(handle: str) -> dict[str, Any] | None:
    """A profile by its handle, however it is written."""
    return _BY_HANDLE.row(name_key(handle))


def by_account(account_id: int) -> dict[str, Any] | None:
    """The profile of an account."""
    return _BY_ACCOUNT.row(account_id)


def find(reference: str) -> dict[str, Any] | None:
    """A profile by handle or public id, as they stand in addresses."""
    return by_handle(reference) or by_uid(reference)


def mentioned(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """name as written -> profile, for those names that are a handle."""
    found = ((name, by_handle(name)) for name in set(names))
    return {name: profile for name, profile in found if profile is not None}


def addresses(names: set[str]) -> dict[str, str]:
    """name as written -> path of the profile page: what ``content`` links mentions with."""
    return {name: url(profile["handle"]) for name, profile in mentioned(names).items()}


def url(handle: str) -> str:
    """The path of a profile page."""
    return f"/people/{handle}"


def complete(start: str, limit: int = 8) -> list[dict[str, Any]]:
    """Local profiles whose handle or name begins so, for the list after an @."""
    pattern = _like(name_key(start)) + "%"
    rows = _COMPLETE.rows(pattern, pattern, limit)
    return [
        {"uid": r["uid"], "name": r["name"], "handle": r["handle"], "avatar_url": avatar_url(r["avatar"])}
        for r in rows
    ]


def free_handle(name: str, *, fallback: str = "person") -> str:
    """A handle made of a name that nobody has yet."""
    base = handle_base(name, fallback=fallback)
    taken = {row[0] for row in _TAKEN.tuples(base, _like(base) + "-%")}
    if base not in taken and base not in RESERVED:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def handle_base(name: str, *, fallback: str = "person") -> str:
    """The handle that a name gives, whether or not somebody has it: with room for a number after it."""
    base = slugify(name, fallback=fallback, max_length=MAX_HANDLE - 6)
    return name_key(base)[: MAX_HANDLE - 6].strip("-.") or fallback


def checked_name(name: str) -> str:
    """A display name, trimmed. Raises Refusal when it is empty, too long or has control characters."""
    trimmed = " ".join(name.split())
    if not trimmed:
        raise Refusal("A name is needed.", field="name")
    if len(trimmed) > MAX_NAME:
        raise Refusal(f"A name has at most {MAX_NAME} characters.", field="name")
    if any(not letter.isprintable() for letter in trimmed):
        raise Refusal("The name contains characters that cannot be shown.", field="name")
    return trimmed


def checked_handle(handle: str, *, own: str = "") -> str:
    """A handle in its stored form. Raises Refusal for a malformed one, Conflict for a taken one."""
    key = name_key(handle.lstrip("@"))
    if not _HANDLE.fullmatch(key):
        raise Refusal(
            "A handle has letters, digits, dots, hyphens and at most 40 characters.", field="handle"
        )
    if key != own and (key in RESERVED or _BY_HANDLE.row(key) is not None):
        raise Conflict(TAKEN, field="handle")
    return key


def create(name: str, *, account_id: int | None = None, handle: str = "", demo: bool = False) -> int:
    """Store a profile of this site; a missing handle is made of the name. Returns its database key.

    Raises Conflict when somebody took the handle meanwhile.
    """
    about = (None, None, "", clock.now(), demo)
    with transaction():
        made = _INSERT.value(ids.public_id(), account_id, name, name_key(name), handle or free_handle(name), *about)
        if made is not None:
            search.put(int(made))
            return int(made)
    if handle:
        raise Conflict(TAKEN, field="handle")
    return create(name, account_id=account_id, demo=demo)


def import_profile(
    source: str, key: str, name: str, *, source_url: str = "", created_at: int | None = None
) -> int:
    """Store or refresh the profile of an author elsewhere. Returns its database key; doing it twice changes nothing.

    ``source`` names where it comes from and ``key`` the author there; names may repeat, handles are made unique.
    """
    shown = " ".join(name.split())[:MAX_NAME] or "Unknown"
    known = _IMPORTED.value(source, key)
    if known is not None:
        _RENAME.run(shown, name_key(shown), source_url, known)
        return int(known)
    return int(
        _INSERT.value(
            ids.public_id(), None, shown, name_key(shown), free_handle(shown), source, key, source_url,
            created_at or clock.now(), False,
        )
    )  # fmt: skip


def change(actor: Actor, *, name: str, handle: str) -> None:
    """Change one's own name and handle."""
    assert actor.account_id is not None
    mine = _BY_ACCOUNT.row(actor.account_id)
    assert mine is not None
    new_name, new_handle = checked_name(name), checked_handle(handle, own=mine["handle"])
    if (new_name, new_handle) == (mine["name"], mine["handle"]):
        return
    try:
        with transaction():
            _UPDATE.run(new_name, name_key(new_name), new_handle, actor.account_id)
            search.put(mine["id"])
            emit(
                ProfileChanged(profile=mine["uid"], display_name=new_name, handle=new_handle),
                actor_id=actor.account_id,
            )
    except peewee.IntegrityError as error:
        raise Conflict(TAKEN, field="handle") from error


def set_avatar(actor: Actor, avatar: str | None) -> None:
    """Point one's profile at a stored picture, or at none."""
    assert actor.account_id is not None
    mine = _BY_ACCOUNT.row(actor.account_id)
    assert mine is not None
    with transaction():
        _AVATAR.run(avatar, actor.account_id)
        emit(
            ProfileChanged(profile=mine["uid"], display_name=mine["name"], handle=mine["handle"]),
            actor_id=actor.account_id,
        )


def _like(text: str) -> str:
    return text.replace("%", "").replace("_", "")
