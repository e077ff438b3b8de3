"""The audit log as a list: who did what to which object, filtered, exported, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from ecrm_server.audit import words
from ecrm_server.lists.kind import Column, ListKind
from ecrm_server.rules import Expression, Trait, TraitSet

ACTOR_KINDS = {"person": "Person", "key": "API key", "visitor": "Visitor", "system": "System"}

TRAITS = TraitSet(
    "audit_entry",
    [
        Trait(name="audit.at", title="Time", kind="time", read=itemgetter("at"), sql=Expression("t.at")),
        Trait(
            name="audit.actor", title="Who", kind="text", read=itemgetter("actor_name"),
            read_key=itemgetter("actor_key"), sql=Expression("t.actor_key"),
        ),
        Trait(
            name="audit.actor_kind", title="Acted as", kind="choice", read=itemgetter("actor_kind"),
            sql=Expression("t.actor_kind"), choices=ACTOR_KINDS,
        ),
        # Names of actions and of kinds of objects are their own keys: small letters, points and underscores.
        Trait(name="audit.action", title="Action", kind="text", read=itemgetter("action"), sql=Expression("t.action")),
        Trait(
            name="audit.object_kind", title="Kind of object", kind="text", read=itemgetter("obj_kind"),
            sql=Expression("t.obj_kind"),
        ),
        Trait(
            name="audit.object", title="Object", kind="choice", read=itemgetter("obj_uid"), sql=Expression("t.obj_uid")
        ),
    ],
)  # fmt: skip


def understood(rows: list[dict[str, Any]]) -> None:
    """On the rows of a page: what differs between before and after, and action and object in words."""
    places = words.places({(row["kind_of_object"], row["object"]) for row in rows if row["object"]})
    for row in rows:
        row["sentence"] = words.sentence(row["action"])
        row["place"] = places.get((row["kind_of_object"], row["object"]))
        row["erased"] = row["detail_salt"] is None
        before, after = (None if row[name] is None else json.loads(row[name]) for name in ("was", "became"))
        row["differences"] = differences(before, after)


def differences(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    """(field, old, new) of every field that differs; what is no mapping is one nameless field."""
    if not isinstance(before, dict | None) or not isinstance(after, dict | None):
        return [("", before, after)] if before != after else []
    old, new = before or {}, after or {}
    names = dict.fromkeys([*old, *new])
    return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def _in_file(row: Mapping[str, Any]) -> str:
    """The changes of an entry as one cell: the note, then each field with its old and its new value."""
    lines = [row["note"]] if row["note"] else []
    lines += [f"{name}: {_text(old)} -> {_text(new)}".removeprefix(": ") for name, old, new in row["differences"]]
    return "; ".join(lines)


def _object(row: Mapping[str, Any]) -> str:
    return f"{row['kind_of_object']} {row['object']}".strip()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


ENTRIES = ListKind(
    name="audit.entries",
    title="Audit log",
    noun="entry",
    url="/admin/audit",
    permission="audit.read",
    traits=TRAITS,
    columns=[
        Column(key="at", trait="audit.at", indexed=True),
        Column(
            key="actor", trait="audit.actor", sql=Expression("t.actor_name"), show="own", width="small", indexed=True
        ),
        Column(key="actor_kind", trait="audit.actor_kind", default=False),
        Column(key="action", trait="audit.action", show="own", width="middle", indexed=True),
        Column(key="object_kind", trait="audit.object_kind", default=False),
        Column(key="object", trait="audit.object", show="own", width="small", in_file=_object),
        Column(
            key="changes", title="Changes", sql=Expression("t.note"), show="own", sortable=False, width="wide",
            in_file=_in_file,
        ),
    ],
    fields={
        "was": Expression("t.before"), "became": Expression("t.after"), "note": Expression("t.note"),
        "detail_salt": Expression("t.detail_salt"), "kind_of_actor": Expression("t.actor_kind"),
        "kind_of_object": Expression("t.obj_kind"),
    },
    prepare=understood,
    search=["audit.actor", "audit.action", "audit.object_kind"],
    sort="-id",
    macros="audit/_cells.html",
    card="action",
    empty=("Nothing recorded yet", "Whatever is changed on this site appears here."),
    icon="history",
)  # fmt: skip
