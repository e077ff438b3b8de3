"""The base of every table and the few field types the house adds to peewee's."""

from __future__ import annotations

import json
from typing import Any

import peewee

from ecrm_server import clock, ids
from ecrm_server.data.database import database


class Model(peewee.Model):
    """A table. Plugins name theirs ``<plugin>_<noun>`` and point into the core with ``backref="+"``."""

    class Meta:
        database = database
        legacy_table_names = False


class MillisField(peewee.BigIntegerField):
    """A time: integer milliseconds since 1970-01-01 UTC, by default now."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not kwargs.get("null"):
            kwargs.setdefault("default", clock.now)
        super().__init__(*args, **kwargs)


class UidField(peewee.CharField):
    """The public identifier of a row, made when the row is made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", ids.public_id)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("max_length", 40)
        super().__init__(*args, **kwargs)


class JSONText(peewee.TextField):
    """A small document stored as JSON text, the same on both engines (raw SQL sees the text)."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)
