"""What a part declares about the tables in which it stores something about people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import marshmallow
from marshmallow import fields, validate

Sweep = Callable[[int, int], int]
"""``sweep(before, limit)`` deletes (or makes anonymous) at most ``limit`` rows whose time lies before ``before``
(milliseconds), in the caller's transaction, and returns how many. It is called until it returns 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long one table is kept.

    table: its name. holds: what of a person lies in it. why: what it is kept for, in words for the customer.

    days: the default period, which an admin changes between ``least`` and ``most``; ``sweep`` keeps it, and ``then``
    says what it does. fixed: instead of days, a period in words that the part keeps by itself. With neither, the rows
    are kept as long as the account and forgotten with it.

    apart: why export and erasure need nothing of this table, for one that says nothing about the person it names.

    >>> Retention(table="parcels_visit", holds="When you came to the desk", why="To settle disputes", days=90,
    ...           sweep=services.forget_visits)
    """

    table: str
    holds: str
    why: str
    days: int | None = None
    least: int = 1
    most: int = 3650
    then: Literal["deleted", "anonymised"] = "deleted"
    sweep: Sweep | None = None
    fixed: str = ""
    apart: str = ""

    def __post_init__(self) -> None:
        if (self.days is None) != (self.sweep is None):
            raise ValueError(f"{self.table}: days and sweep belong together.")
        if self.days is not None and (self.fixed or not 1 <= self.least <= self.days <= self.most):
            raise ValueError(
                f"{self.table}: days must lie between least and most, and leave no place for fixed."
            )
        if not (self.holds and self.why):
            raise ValueError(f"{self.table}: it must say what it holds and why.")

    @property
    def setting(self) -> str:
        """The name of the setting that holds the period in days."""
        return f"privacy.keep_{self.table}"


def with_periods(declared: Iterable[Retention]) -> type[marshmallow.Schema]:
    """The settings of the privacy part: one period for each table that is kept for so many days."""
    periods: dict[str, fields.Field[int]] = {}
    for item in declared:
        if item.days is not None:
            periods[item.setting.partition(".")[2]] = fields.Integer(
                load_default=item.days,
                validate=validate.Range(item.least, item.most),
                metadata={
                    "title": f"{item.holds}: days until {item.then}",
                    "help": f"{item.why} From {item.least} to {item.most}.",
                },
            )
    schema: type[marshmallow.Schema] = type(
        "SettingsSchema", (marshmallow.Schema,), {"__doc__": _DOC, **periods}
    )
    return schema


_DOC = "How long what is stored about people is kept."
