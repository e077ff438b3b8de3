"""What migrations build is what models describe: the same columns, and no index or reference missing."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import peewee

from ecrm_server.data import Model, database
from ecrm_server.kernel.part import CORE_PARTS, core_folder

OF_ONE_ENGINE = {("search_document", "terms")}
"""Columns that only PostgreSQL has: what its full text search reads."""


def models(part: str) -> list[type[Model]]:
    """The models in the part's files that are called so."""
    names = [f"ecrm_server.{part}.{path.stem}" for path in sorted(core_folder(part).glob("*models.py"))]
    classes = [
        item
        for name in names
        for _, item in inspect.getmembers(importlib.import_module(name), inspect.isclass)
        if item.__module__ == name and issubclass(item, Model)
    ]
    # What others are made from is no table itself.
    return [item for item in classes if not item.__subclasses__()]


def described(model: Any) -> dict[str, bool]:
    """Column -> whether it may be empty."""
    return {field.column_name: bool(field.null) for field in model._meta.sorted_fields}


def indexes(model: Any) -> set[tuple[tuple[str, ...], bool]]:
    """(columns, whether unique) of what the model asks for."""
    columns = {name: field.column_name for name, field in model._meta.fields.items()}
    several = {(tuple(columns[name] for name in names), unique) for names, unique in model._meta.indexes}
    alone = {
        ((field.column_name,), bool(field.unique))
        for field in model._meta.sorted_fields
        if field.unique or (field.index and not field.primary_key)
    }
    return several | alone


def faults(model: Any) -> list[str]:
    """Where the table differs from what the model describes."""
    meta = model._meta
    table = meta.table_name
    built = {column.name: column.null for column in database.get_columns(table)}
    there = {(tuple(index.columns), index.unique) for index in database.get_indexes(table)}
    keys = {(key.column, key.dest_table) for key in database.get_foreign_keys(table)}
    wanted = {
        (field.column_name, field.rel_model._meta.table_name)
        for field in meta.sorted_fields
        if isinstance(field, peewee.ForeignKeyField)
    }
    compared = (
        ("columns", built.items(), described(model).items()),
        ("indexes", there & indexes(model), indexes(model)),
        ("references", keys, wanted),
    )
    return [
        f"{table}, {what}: {sorted(set(found) ^ set(asked))}"
        for what, found, asked in compared
        if {item for item in set(found) ^ set(asked) if (table, item[0]) not in OF_ONE_ENGINE}
    ]


def test_migrations_build_what_models_describe(both_engines: str, site: Any) -> None:
    found = {part: models(part) for part in CORE_PARTS if (core_folder(part) / "models.py").is_file()}
    assert [part for part, tables in found.items() if not tables] == []
    assert [fault for tables in found.values() for model in tables for fault in faults(model)] == []
