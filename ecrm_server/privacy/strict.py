"""No plugin stores something about people without saying how it is exported, erased and how long it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import peewee

from ecrm_server.data import Model
from ecrm_server.errors import PluginError
from ecrm_server.kernel.part import Part
from ecrm_server.privacy.kind import Retention

PEOPLE = frozenset({"account", "profile", "customer"})
"""Tables of people."""
_COLUMNS = frozenset(f"{table}_id" for table in PEOPLE)
_HOOKS = ("export_account", "erase_account")


def require_personal_hooks(part: Part, declared: Mapping[str, Retention]) -> None:
    """Raises PluginError for a part that keeps quiet about a table with something about people."""
    for table in sorted(personal_tables(part.module.__name__.rpartition(".")[0])):
        rule = declared.get(table)
        if rule is None:
            raise PluginError(
                f"Its table {table} points at people, but its hook retention does not say how long it is kept."
            )
        missing = [hook for hook in _HOOKS if hook not in part.hooks]
        if missing and not rule.apart:
            raise PluginError(f"Its table {table} points at people, but it does not implement {missing[0]}.")


def personal_tables(package: str) -> set[str]:
    """Tables of the models in a package that point at accounts, profiles or customers."""
    # A model that others inherit from is taken for a list of their common fields.
    inside = (
        model
        for model in _models(Model)
        if model.__module__.startswith(f"{package}.") and not model.__subclasses__()
    )
    return {
        model._meta.table_name for model in inside if any(map(_points_at_people, model._meta.sorted_fields))
    }


def _models(base: type[peewee.Model]) -> Iterator[type[peewee.Model]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _points_at_people(field: peewee.Field) -> bool:
    if isinstance(field, peewee.ForeignKeyField):
        return field.rel_model._meta.table_name in PEOPLE
    return field.column_name in _COLUMNS
