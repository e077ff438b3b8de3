"""Parcels from files."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ecrm_server.api import Actor, ImportKind, Prepared, clock, emit, name_key, public_id
from ecrm_server.api import import_toolkit as tk

from .desk import IMPORT
from .events import Arrived

SIZES = {"s": "Small", "m": "Medium", "l": "Large"}
FIELDS = (
    tk.Field("code", "Code", required=True, max_length=40, aliases=("parcel", "barcode", "Sendungsnummer")),
    tk.Field("sender", "Sender", "email", aliases=("e-mail", "from")),
    tk.Field("phone", "Telephone", "phone", aliases=("phone", "mobile")),
    tk.Field("country", "Country", "country", aliases=("Land",)),
    tk.Field("size", "Size", "choice", choices=SIZES),
    tk.Field("weight", "Weight", "number", aliases=("kg",)),
    tk.Field("pieces", "Pieces", "integer"),
    tk.Field("worth", "Worth", "money", currency="EUR", aliases=("value", "price")),
    tk.Field("fragile", "Fragile", "boolean"),
    tk.Field("due", "Due", "date", aliases=("due date",)),
    tk.Field("sent_at", "Sent", "time", aliases=("sent at",)),
    tk.Field("labels", "Labels", several=True, aliases=("tags",)),
)
COLUMNS = tuple(field.name for field in FIELDS)
ALL = ", ".join(COLUMNS)
LOST = "Ghost parcels are not taken."

_ARRIVED = Prepared("SELECT uid FROM parcels_parcel WHERE uid = ? AND announced > 1")


def _stored(values: Mapping[str, Any]) -> list[Any]:
    labels = values.get("labels")
    return [
        json.dumps(list(labels)) if name == "labels" and labels else values.get(name) or None
        if name == "labels" else values.get(name)
        for name in COLUMNS
    ]  # fmt: skip


def find(key: str, values: Collection[Any]) -> Iterator[tuple[Any, tk.Found]]:
    """By code or uid."""
    for uid, *cells in tk.select_by_key(
        f"SELECT uid, {ALL} FROM parcels_parcel WHERE {key} IN {{keys}}", values
    ):
        known = dict(zip(COLUMNS, cells, strict=True))
        known["labels"] = json.loads(known["labels"]) if known["labels"] else None
        yield (uid if key == "uid" else known[key]), tk.Found(uid, known["code"], known, "/parcels/")


def check(changes: Sequence[tk.Change]) -> dict[int, tk.Refused]:
    """Ghosts have no weight."""
    return {
        index: tk.Refused(LOST)
        for index, change in enumerate(changes)
        if change.values.get("code") == "ghost"
    }


def write(changes: Sequence[tk.Change], actor: Actor) -> list[str | tk.Refused]:
    """Create in one statement, update one by one."""
    refused, done = check(changes), []
    made: list[tuple[Any, ...]] = []
    for index, change in enumerate(changes):
        if index in refused:
            done.append(refused[index])
        elif change.uid is None:
            uid = public_id()
            made.append((uid, 0, clock.now(), name_key(change.values["code"]), *_stored(change.values)))
            emit(Arrived(parcel=uid, code=change.values["code"]), actor_id=actor.account_id)
            done.append(uid)
        else:
            names = ", ".join(f"{name} = ?" for name in COLUMNS if name in change.values)
            cells = [
                cell
                for name, cell in zip(COLUMNS, _stored(change.values), strict=True)
                if name in change.values
            ]
            Prepared(f"UPDATE parcels_parcel SET {names} WHERE uid = ?").run(*cells, change.uid)
            done.append(change.uid)
    tk.insert_many("parcels_parcel", ("uid", "announced", "created_at", "code_key", *COLUMNS), made)
    return done


def blocked(uids: Collection[str]) -> dict[str, str]:
    """What was announced twice is on its way."""
    return {uid: "It was announced twice." for uid in uids if _ARRIVED.value(uid)}


def remove(uids: Collection[str], actor: Actor) -> None:
    """As if they had never come."""
    list(tk.select_by_key("DELETE FROM parcels_parcel WHERE uid IN {keys} RETURNING uid", uids))


KIND = ImportKind(
    name="parcels", title="Parcels", permission=IMPORT.name, fields=lambda: FIELDS, keys=("code",),
    find=find, write=write, remove=remove, check=check, blocked=blocked, help="What lies at the desk.",
)  # fmt: skip
