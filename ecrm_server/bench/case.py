"""What a benchmark is and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ecrm_server.bench.context import Bench

Verdict = Literal["ok", "missed", "reported"]


class Skip(Exception):
    """A case cannot run here; the message says why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    ``limit`` is what it must keep, ``goal`` what the design aims at (both in ``unit``); ``more_is_better`` tells on
    which side of them the value should lie. ``detail`` says what the value was made of.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    goal: float | None = None
    more_is_better: bool = False
    detail: str = ""

    @property
    def verdict(self) -> Verdict:
        if self.limit is None:
            return "reported"
        kept = self.value >= self.limit if self.more_is_better else self.value <= self.limit
        return "ok" if kept else "missed"


def at_most(name: str, value: float, unit: str, limit: float, *, detail: str = "") -> Figure:
    """A value that must not exceed its limit."""
    return Figure(name, value, unit, limit, detail=detail)


def at_least(
    name: str, value: float, unit: str, limit: float, *, goal: float | None = None, detail: str = ""
) -> Figure:
    """A value that must reach its limit."""
    return Figure(name, value, unit, limit, goal, more_is_better=True, detail=detail)


def reported(name: str, value: float, unit: str, *, detail: str = "") -> Figure:
    """A value without a limit."""
    return Figure(name, value, unit, detail=detail)


@dataclass(frozen=True, slots=True)
class Case:
    """A benchmark. ``run`` measures and gives its figures, or raises :class:`Skip`; it has a process of its own.

    ``databases``: on which engines it runs; a case that no engine touches runs once, on SQLite.
    """

    name: str
    title: str
    run: Callable[[Bench], Iterable[Figure]]
    databases: tuple[str, ...] = ("sqlite", "postgres")
