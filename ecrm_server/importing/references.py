"""Cells that name other objects: looked up together for a batch of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ecrm_server.importing.columns import Column, Converted, Extra
from ecrm_server.importing.kind import NEW, Refused


class References:
    """Puts what fields with ``resolve`` know in the place of the texts."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self._columns = [column for column in columns if column.field.resolve is not None]

    def resolved(self, rows: list[Converted]) -> list[Converted]:
        """The rows with values for their texts, and with problems where there are none. Reads only."""
        for column in self._columns:
            rows = self._one(column, rows)
        return rows

    def _one(self, column: Column, rows: Sequence[Converted]) -> list[Converted]:
        name, resolve = column.field.name, column.field.resolve
        texts = {row.values[name] for row in rows if name in row.values}
        if resolve is None or not texts:
            return list(rows)
        found = resolve(sorted(texts))
        return [_put(row, column, found.get(row.values[name])) if name in row.values else row for row in rows]


def _put(row: Converted, column: Column, value: Any) -> Converted:
    name = column.field.name
    text = str(row.values[name])
    extra = row.extra or Extra()
    values = dict(row.values)
    if value is None and column.adds:
        value = f"{NEW}{text}"
    if value is not None and not isinstance(value, Refused):
        values[name] = value
        return replace(row, values=values, extra=replace(extra, texts={**extra.texts, name: text}))
    del values[name]
    sentence = f"{column.title} is '{text[:60]}', {column.field.unknown if value is None else value.reason}"
    if column.leaves_out:
        count, first = extra.left.get(sentence, (0, row.number))
        return replace(row, values=values, extra=replace(extra, left={**extra.left, sentence: (count + 1, first)}))
    return replace(row, values=values, problems=(*row.problems, f"{sentence}."))
