"""What a rule can ask about a subject: typed traits, each readable in memory and in SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args
from zoneinfo import ZoneInfo

from ecrm_server.content.names import name_key
from ecrm_server.errors import PluginError

Kind = Literal["text", "number", "money", "integer", "boolean", "date", "time", "choice", "set"]
KINDS: tuple[Kind, ...] = get_args(Kind)

AS_OF: Final = object()
"""Stands among the parameters of an expression for the moment that the rule is asked about."""

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Expression:
    """A value in SQL: an expression over the subject's table and named joins, with ``?`` placeholders.

    params: their values; ``AS_OF`` becomes the moment asked about. joins: names of the ``Join``s it reads.
    """

    text: str
    params: tuple[Any, ...] = ()
    joins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """A set in SQL: the rows that hold a subject's members.

    >>> Members("customer_tag x WHERE x.customer_id = t.id", "x.tag")

    source: what follows FROM, with a WHERE that leads to the subject. member: the column with the member.
    """

    source: str
    member: str
    params: tuple[Any, ...] = ()
    joins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Join:
    """A table beside the subject's: ``LEFT JOIN <text>``, which finds at most one row for each subject.

    needs: joins that must stand before this one.
    """

    name: str
    text: str
    params: tuple[Any, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One typed fact about a subject.

    name: ``part.name``, for ever. title: how people call it, with a capital.
    read: the value of a subject in memory, None when it is not known:

    ======== ===================================== ==========================================
    kind     in memory                             in SQL
    ======== ===================================== ==========================================
    text     str                                   the stored ``name_key`` of the text
    number   float or int, finite                  REAL, DOUBLE PRECISION
    money    int, minor units of ``currency``      BIGINT
    integer  int within 53 bits                    BIGINT
    boolean  bool                                  BOOLEAN
    date     str ``YYYY-MM-DD``                    CHAR(10), the same text; never ``''``
    time     int, milliseconds since 1970 UTC      BIGINT
    choice   str, one of ``choices``               VARCHAR
    set      collection of str                     ``Members`` instead of ``Expression``
    ======== ===================================== ==========================================

    read_key: text only; reads the stored key where the subject carries it, which saves making it anew.
    choices: value -> title, for choice and set; without any, every code is allowed.
    shown: text only; the text as it was written, where ``catalogue.load`` reads subjects from the database.
    events: names of events after which the value may be another. The value must not change with time alone.
    Raises PluginError when the declaration contradicts itself.
    """

    name: str
    title: str
    kind: Kind
    read: Callable[[Any], Any]
    sql: Expression | Members
    read_key: Callable[[Any], str | None] | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    events: tuple[str, ...] = ()
    shown: Expression | None = None

    def __post_init__(self) -> None:
        fault = _fault(self)
        if fault:
            raise PluginError(f"Trait '{self.name}': {fault}")

    def value(self, subject: Any) -> Any:
        """What a rule compares: the key of a text, else the value; None when it is empty."""
        if self.kind == "text":
            key = self.read_key(subject) if self.read_key else name_key(self.read(subject) or "")
            return key or None
        found = self.read(subject)
        if self.kind == "set":
            return found if found and any(found) else None
        return None if found == "" else found


def _fault(trait: Trait) -> str:
    """The first thing that a declaration contradicts itself in; empty when it does not."""
    checks = (
        (_NAME.fullmatch(trait.name), "its name must look like part.name, in lower case."),
        (trait.kind in KINDS, f"its kind '{trait.kind}' is none of {', '.join(KINDS)}."),
        (
            (trait.kind == "set") == isinstance(trait.sql, Members),
            "a set, and nothing else, is told to SQL by Members.",
        ),
        (
            (trait.kind == "money") == bool(_CURRENCY.fullmatch(trait.currency)),
            "money, and nothing else, has a currency of three capital letters.",
        ),
        (not trait.choices or trait.kind in ("choice", "set"), "only a choice or a set has choices."),
        (not trait.read_key or trait.kind == "text", "only a text has a key."),
    )
    return next((sentence for holds, sentence in checks if not holds), "")


class TraitSet:
    """The traits of one kind of subject, and the table its rows are in.

    table, alias: the subject's table and the short name that expressions use for it.
    lists: a set trait whose members are the public ids of the static lists a subject is on.
    zone: where "today" begins and ends, for dates.
    events: names of events after which a subject is there or gone.
    Raises PluginError when declarations clash or name what nobody declares.
    """

    def __init__(
        self,
        table: str,
        traits: Iterable[Trait] = (),
        *,
        alias: str = "t",
        joins: Collection[Join] = (),
        lists: Trait | None = None,
        zone: str = "UTC",
        events: tuple[str, ...] = (),
    ) -> None:
        self.events = events
        self.table, self.alias, self.lists = table, alias, lists
        self.zone = ZoneInfo(zone)
        self.joins = {join.name: join for join in joins}
        self.joined(self.joins)
        self._traits: dict[str, Trait] = {}
        for trait in traits:
            self._add(trait)
        if lists is not None:
            self._know_joins(lists)

    def _add(self, trait: Trait) -> None:
        if trait.name in self._traits:
            raise PluginError(f"Trait '{trait.name}' is declared twice.")
        self._know_joins(trait)
        self._traits[trait.name] = trait

    def _know_joins(self, trait: Trait) -> None:
        missing = [name for name in trait.sql.joins if name not in self.joins]
        if missing:
            raise PluginError(f"Trait '{trait.name}' reads the join '{missing[0]}', which nobody declares.")

    def get(self, name: str) -> Trait | None:
        """The trait of that name."""
        return self._traits.get(name)

    def __iter__(self) -> Iterator[Trait]:
        return iter(self._traits.values())

    def __len__(self) -> int:
        return len(self._traits)

    def joined(self, names: Iterable[str]) -> list[Join]:
        """The joins of these names and those they need, each once and after what it needs."""
        found: dict[str, Join] = {}

        def visit(name: str, below: tuple[str, ...]) -> None:
            if name in below:
                raise PluginError(f"Join '{name}' needs itself.")
            if name not in self.joins:
                raise PluginError(f"Join '{name}' is needed by '{below[-1]}', and nobody declares it.")
            if name not in found:
                for needed in self.joins[name].needs:
                    visit(needed, (*below, name))
                found[name] = self.joins[name]

        for name in sorted(names):
            visit(name, ())
        return list(found.values())
