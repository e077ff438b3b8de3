"""A list as one actor sees it: the columns, traits and rows that are his."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecrm_server.access import ANYONE, SIGNED_IN, Actor
from ecrm_server.errors import NotFound
from ecrm_server.kernel import current
from ecrm_server.lists.kind import BulkAction, Column, ListKind
from ecrm_server.rules import Expression, Kind, Rule, Trait, TraitSet, parse


@dataclass(frozen=True, slots=True)
class Bound:
    """A ``ListKind`` for an actor. ``traits`` holds only what the actor may ask about."""

    kind: ListKind
    actor: Actor
    columns: Mapping[str, Column]
    traits: TraitSet
    scope: Expression

    def parse(self, tree: Any) -> Rule:
        """A rule over what the actor may ask about. Raises Refusal for anything else."""
        find = self.kind.segment
        return parse(tree, self.traits, segment=None if find is None else lambda uid: find(self.actor, uid))

    def trait(self, column: Column) -> Trait | None:
        """The trait behind a column."""
        return self.traits.get(column.trait) if column.trait else None

    def title(self, column: Column) -> str:
        """How people call a column."""
        trait = self.trait(column)
        return column.title or (trait.title if trait else column.key)

    def value_kind(self, column: Column) -> Kind:
        """The kind of a column's values."""
        trait = self.trait(column)
        return trait.kind if trait else column.kind

    def choices(self, column: Column) -> Mapping[str, str]:
        """Value -> title of a column of choices."""
        trait = self.trait(column)
        return trait.choices if trait else column.choices

    def currency(self, column: Column) -> str:
        """The currency of a column of money."""
        trait = self.trait(column)
        return trait.currency if trait else column.currency

    def expression(self, column: Column) -> Expression:
        """What a column sorts by. Raises ValueError for a set, which has no order."""
        trait = self.trait(column)
        found = trait.sql if trait else column.sql
        if not isinstance(found, Expression):
            raise ValueError(f"{column.key} has no order")
        return found

    def may_sort(self, column: Column) -> bool:
        """Whether the rows can be put into the order of a column."""
        return column.sortable and self.value_kind(column) != "set"

    def may_edit(self, column: Column) -> bool:
        """Whether the actor may change cells of a column (a single row may still be refused)."""
        return column.edit is not None and self.kind.version is not None and self.actor.may(column.edit.permission)

    def may_export(self) -> bool:
        """Whether the actor may take the rows away as a file."""
        return not self.kind.export_permission or self.actor.may(self.kind.export_permission)

    def column_of(self, trait: str) -> Column | None:
        """The column of a trait."""
        return next((column for column in self.columns.values() if column.trait == trait), None)

    def actions(self) -> list[BulkAction]:
        """What the actor may do to many rows."""
        return [action for action in self.kind.actions if self.actor.may(action.permission)]

    def action(self, key: str) -> BulkAction:
        """One bulk action. Raises NotFound."""
        found = next((action for action in self.actions() if action.key == key), None)
        if found is None:
            raise NotFound()
        return found


def find(name: str) -> ListKind:
    """A declared list. Raises NotFound, also while its part is off."""
    kind = current.generation().registry.lists.get(name)
    if kind is None:
        raise NotFound()
    return kind


def bind(name: str, actor: Actor) -> Bound:
    """A list for an actor. Raises NotFound when there is none or the actor may not see it."""
    kind = find(name)
    allowed = {ANYONE: True, SIGNED_IN: actor.is_authenticated}.get(kind.permission)
    if not (actor.may(kind.permission) if allowed is None else allowed):
        raise NotFound()
    declared = kind.columns(actor) if callable(kind.columns) else kind.columns
    columns = {item.key: item for item in declared if not item.permission or actor.may(item.permission)}
    return Bound(kind, actor, columns, _visible(kind, columns), kind.scope(actor))


def _visible(kind: ListKind, columns: Mapping[str, Column]) -> TraitSet:
    """The traits of visible columns and of ``filters``: who may not see a value must not find it out by filtering."""
    every = kind.traits() if callable(kind.traits) else kind.traits
    names = {column.trait for column in columns.values()} | set(kind.filters)
    chosen = [trait for trait in every if trait.name in names]
    if len(chosen) == len(every):
        return every
    return TraitSet(
        every.table, chosen, alias=every.alias, joins=list(every.joins.values()), lists=every.lists, zone=every.zone.key
    )
