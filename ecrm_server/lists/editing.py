"""Changing one cell in place: what it holds, who changed it meanwhile, and the part's service that sets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from ecrm_server import clock
from ecrm_server.data import transaction
from ecrm_server.errors import NotFound
from ecrm_server.lists import values
from ecrm_server.lists.bound import Bound
from ecrm_server.lists.kind import Column, Edit
from ecrm_server.lists.query import Query, Row
from ecrm_server.rules import Expression, Trait


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is now. held: its value as the column's service takes it. editor: who changed the row last."""

    bound: Bound
    column: Column
    trait: Trait
    edit: Edit
    row: Row
    held: Any
    editor: str

    def fields(self, zone: tzinfo) -> list[str]:
        """The value as the fields of a form show it."""
        held = self.held if isinstance(self.held, list) else [self.held]
        return [values.in_field(self.trait, item, zone) for item in held]


def cell_of(bound: Bound, uid: str, key: str) -> Cell:
    """A cell that the actor may edit. Raises NotFound for a row or column that he does not see or may not change."""
    column = bound.columns.get(key)
    trait = bound.trait(column) if column is not None else None
    if column is None or trait is None or column.edit is None or not bound.may_edit(column):
        raise NotFound()
    extra: dict[str, Expression] = {"_editor": bound.kind.editor} if bound.kind.editor else {}
    if trait.kind not in ("text", "set"):
        extra["_held"] = bound.expression(column)
    row = Query(bound, clock.now(), columns=[column], extra=extra).one(uid)
    if row is None:
        raise NotFound()
    held = row.pop("_held", row[key])
    if trait.kind == "boolean" and held is not None:
        held = bool(held)
    return Cell(bound, column, trait, column.edit, row, held, row.pop("_editor", None) or "")


def save(cell: Cell, texts: Sequence[str], version: int, zone: tzinfo) -> Cell:
    """Set a cell to what a form says, where its row still has this version; gives it as it is then.

    Raises Refusal for a wrong value, Conflict when somebody changed the row meanwhile.
    """
    value = values.read(cell.trait, texts, zone)
    uid = cell.row["uid"]
    with transaction():
        cell.edit.set(cell.bound.actor, uid, value, version)
    return cell_of(cell.bound, uid, cell.column.key)
