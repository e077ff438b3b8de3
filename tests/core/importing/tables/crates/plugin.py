"""Crates with a field of every type. Nobody takes ghosts, and a crate that holds something cannot be removed."""

from __future__ import annotations

import json

from ecrm_server.api import Event, ImportKind, Permission, Prepared, hookimpl, public_id
from ecrm_server.api import import_toolkit as tk


class Arrived(Event, name="crates.arrived"):
    """A crate arrived."""

    code: str


FIELDS = (
    tk.Field("code", "Code", required=True, max_length=40, aliases=("barcode", "Sendungsnummer")),
    tk.Field("sender", "Sender", "email", aliases=("e-mail", "from")),
    tk.Field("phone", "Telephone", "phone", aliases=("phone", "mobile")),
    tk.Field("country", "Country", "country", aliases=("Land",)),
    tk.Field("size", "Size", "choice", choices={"s": "Small", "m": "Medium", "l": "Large"}),
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


def _cell(name, values):
    value = values.get(name)
    return json.dumps(value) if name == "labels" and value else value


def find(key, values):
    statement = f"SELECT uid, {ALL} FROM crates_crate WHERE {key} IN {{keys}}"
    for uid, *cells in tk.select_by_key(statement, values):
        known = dict(zip(COLUMNS, cells, strict=True))
        known["labels"] = json.loads(known["labels"]) if known["labels"] else None
        yield (uid if key == "uid" else known[key]), tk.Found(uid, known["code"], known)


def check(changes):
    return {
        index: tk.Refused("Ghosts are not taken.")
        for index, change in enumerate(changes)
        if change.values.get("code") == "ghost"
    }


def write(changes, actor):
    done, made = [], []
    for change in changes:
        if change.values.get("labels") == ["late"]:  # what check does not know
            done.append(tk.Refused("come too late", "labels"))
        elif change.uid is None:
            done.append(public_id())
            made.append((done[-1], 0, *(_cell(name, change.values) for name in COLUMNS)))
        else:
            names = [name for name in COLUMNS if name in change.values]
            cells = [_cell(name, change.values) for name in names]
            Prepared(f"UPDATE crates_crate SET {' = ?, '.join(names)} = ? WHERE uid = ?").run(*cells, change.uid)
            done.append(change.uid)
    tk.emit_all([Arrived(code=cells[2]) for cells in made], actor_id=actor.account_id)
    tk.insert_many("crates_crate", ("uid", "holds", *COLUMNS), made)
    return done


def blocked(uids):
    holding = tk.select_by_key("SELECT uid FROM crates_crate WHERE holds > 0 AND uid IN {keys}", uids)
    return {uid: "It holds something." for (uid,) in holding}


def remove(uids, actor):
    list(tk.select_by_key("DELETE FROM crates_crate WHERE uid IN {keys} RETURNING uid", uids))


@hookimpl
def permissions():
    return [Permission("crates.import", "Bring in crates", default=("staff",))]


@hookimpl
def events():
    return [Arrived]


@hookimpl
def imports():
    return [
        ImportKind(
            name="crates", title="Crates", permission="crates.import", fields=lambda: FIELDS, keys=("code",),
            find=find, write=write, remove=remove, check=check, blocked=blocked, help="What came in.",
        )
    ]  # fmt: skip
