"""Stored files: saving, attaching, reading, deleting. A file inherits the permission of what it hangs on."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.data import Prepared, database, is_away, transaction
from ecrm_server.errors import Forbidden, NotFound, TooManyRequests
from ecrm_server.kernel import current
from ecrm_server.storage.documents import accept_file, clean_name
from ecrm_server.storage.images import accept_image, shrink_image
from ecrm_server.storage.local import LocalStore
from ecrm_server.storage.store import Store, new_key

MAX_UNATTACHED = 200
"""Files of one person that may wait to be attached; more are refused until some are used or swept."""

_COLUMNS = (
    "id, uid, store_key, media_type, name, size, width, height, owner_id, attached_kind, attached_uid, created_at"
)
_INSERT = Prepared(
    "INSERT INTO stored_file (uid, store_key, media_type, name, size, width, height, owner_id, attached_kind,"
    " attached_uid, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_BY_UID = Prepared(f"SELECT {_COLUMNS} FROM stored_file WHERE uid = ?")
_OF = Prepared(f"SELECT {_COLUMNS} FROM stored_file WHERE attached_kind = ? AND attached_uid = ? ORDER BY id")
_UNATTACHED = Prepared("SELECT count(*) FROM stored_file WHERE owner_id = ? AND attached_kind = ''")
_ATTACH = Prepared(
    "UPDATE stored_file SET attached_kind = ?, attached_uid = ? WHERE uid = ? AND attached_kind = ''"
    " AND (owner_id = ? OR ?)"
)
_DETACH = Prepared(
    "UPDATE stored_file SET attached_kind = '', attached_uid = '', created_at = ? WHERE id = ?"
)
_DELETE = Prepared("DELETE FROM stored_file WHERE id = ?")
_REFERENCE = re.compile(r"(?:/files/)?([1-9A-HJ-NP-Za-km-z]{12})(?:\.[a-z0-9]{1,8})?")


@functools.cache
def _local(folder: Path) -> LocalStore:
    return LocalStore(folder)


def store() -> Store:
    """The store of the site: the folder ``files`` of the instance."""
    return _local(current.generation().config.instance / "files")


def save_image(
    actor: Actor,
    data: bytes,
    *,
    name: str = "",
    attach_kind: str = "",
    attach_uid: str = "",
    longest_side: int | None = None,
) -> dict[str, Any]:
    """Check, write anew and keep a picture; with ``longest_side`` (pixels) as a small WebP.

    Returns its row with ``url`` (``/files/<uid>.<extension>``). Until it is attached its owner alone can read it, and a
    day later it is swept. Decoding takes time: call it outside a transaction. Raises UploadRefused with a sentence for
    the uploader, TooManyRequests when too many files of this person hang on nothing.
    """
    _check_owner(actor, attach_kind)
    made = accept_image(data) if longest_side is None else shrink_image(data, longest_side)
    stem = clean_name(name).rpartition(".")[0] if "." in name else clean_name(name)
    shown = f"{stem[:90] if name else 'picture'}.{made.extension}"
    row = {"media_type": made.media_type, "name": shown, "width": made.width, "height": made.height}
    return _keep(actor, made.data, made.extension, row, attach_kind, attach_uid)


def save_file(
    actor: Actor, name: str, data: bytes, *, attach_kind: str = "", attach_uid: str = ""
) -> dict[str, Any]:
    """Check and keep a document, which is only ever downloaded. Returns and raises like ``save_image``."""
    _check_owner(actor, attach_kind)
    made = accept_file(name, data)
    row = {"media_type": made.media_type, "name": made.name, "width": None, "height": None}
    return _keep(actor, made.data, made.extension, row, attach_kind, attach_uid)


def attach(actor: Actor, references: Iterable[str], kind: str, uid: str) -> int:
    """Hang the actor's waiting files on an object; returns how many.

    references: uids or ``/files/...`` addresses, such as ``Cooked.images``. What is no file, another's, or attached
    already is passed over: a text may well show a picture that hangs elsewhere.
    """
    _check_kind(kind)
    found = {match[1] for text in references if (match := _REFERENCE.fullmatch(text))}
    with transaction():
        return sum(_ATTACH.run(kind, uid, file, actor.profile_id, actor.all_permissions) for file in sorted(found))


def keep_only(references: Iterable[str], kind: str, uid: str) -> int:
    """Detach files of an object that its text no longer shows; they are swept a day later. Returns how many."""
    shown = {match[1] for text in references if (match := _REFERENCE.fullmatch(text))}
    with transaction():
        gone = [row["id"] for row in _OF.rows(kind, uid) if row["uid"] not in shown]
        for row_id in gone:
            _DETACH.run(clock.now(), row_id)
    return len(gone)


def attached(kind: str, uid: str) -> list[dict[str, Any]]:
    """The files that hang on an object, oldest first, each with ``url``."""
    return [_with_url(row) for row in _OF.rows(kind, uid)]


def readable(actor: Actor, name: str) -> dict[str, Any]:
    """The row behind ``/files/<name>``. Raises NotFound when there is none or the actor may not read it."""
    row = _BY_UID.row(name.partition(".")[0])
    if row is None or _file_name(row) != name or not may_read(actor, row):
        raise NotFound
    return _with_url(row)


def may_read(actor: Actor, row: dict[str, Any]) -> bool:
    """Whether the actor may read a file: as what it hangs on says, its owner alone while it hangs on nothing."""
    if not row["attached_kind"]:
        return actor.profile_id is not None and actor.profile_id == row["owner_id"] and not actor.only_looks
    generation = current.generation()
    kind = generation.registry.file_kinds.get(row["attached_kind"])
    if kind is None:
        return False
    try:
        return kind.may_read(actor, row["attached_uid"])
    except Exception as error:  # a part's fault refuses, and counts against the part
        if is_away(error):
            raise
        generation.fault(generation.registry.owner[f"file_kinds {kind.name}"], f"file kind {kind.name}", error)
        return False


def open_file(row: dict[str, Any]) -> BinaryIO:
    """The bytes of a file; the caller closes it. Raises NotFound when the store lost it."""
    try:
        return store().open(row["store_key"])
    except FileNotFoundError as error:
        raise NotFound from error


def delete(uid: str) -> bool:
    """Forget a file, its bytes after the commit; the caller has asked for the permission. Whether it was there."""
    row = _BY_UID.row(uid)
    if row is None:
        return False
    with transaction():
        forget(row)
    return True


def delete_attached(kind: str, uid: str) -> int:
    """Forget every file of an object that is deleted for good; returns how many."""
    with transaction():
        rows = _OF.rows(kind, uid)
        for row in rows:
            forget(row)
    return len(rows)


def forget(row: dict[str, Any]) -> None:
    """Delete a row in the caller's transaction, and the bytes when it has committed."""
    _DELETE.run(row["id"])
    kept, key = store(), row["store_key"]
    database.after_commit(lambda: kept.delete(key))


def _check_owner(actor: Actor, kind: str) -> None:
    if actor.profile_id is None and not actor.all_permissions:
        raise Forbidden
    if kind:
        _check_kind(kind)
    elif actor.profile_id is not None and _UNATTACHED.value(actor.profile_id) >= MAX_UNATTACHED:
        raise TooManyRequests("Too many uploaded files are not used anywhere. Use them first.", retry_after=3_600)


def _check_kind(kind: str) -> None:
    if kind not in current.generation().registry.file_kinds:
        raise LookupError(f"No part declares the file kind {kind!r}.")


def _keep(
    actor: Actor, data: bytes, extension: str, about: dict[str, Any], kind: str, uid: str
) -> dict[str, Any]:
    """Write the bytes first: a row without its file would be worse than a file without a row."""
    row = {
        "uid": ids.public_id(),
        "store_key": new_key(extension),
        **about,
        "owner_id": actor.profile_id,
        "attached_kind": kind,
        "attached_uid": uid if kind else "",
        "created_at": clock.now(),
    }
    row["size"] = store().put(row["store_key"], data)
    try:
        _INSERT.run(
            row["uid"], row["store_key"], row["media_type"], row["name"], row["size"], row["width"], row["height"],
            row["owner_id"], row["attached_kind"], row["attached_uid"], row["created_at"],
        )  # fmt: skip
    except BaseException:
        store().delete(row["store_key"])
        raise
    return _with_url(row)


def _file_name(row: dict[str, Any]) -> str:
    _, dot, extension = row["store_key"].partition(".")
    return f"{row['uid']}{dot}{extension}"


def _with_url(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "url": f"/files/{_file_name(row)}"}
