"""What a part declares so that its rows can be listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecrm_server.access.actor import Actor
from ecrm_server.errors import PluginError
from ecrm_server.rules import Expression, Kind, Segment, TraitSet

SHOWS = ("", "link", "person", "organisation", "badge", "email", "code", "long", "own")
WIDTHS = ("", "narrow", "small", "middle", "wide", "widest")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_RESERVED = frozenset({"id", "uid", "version", "address"})

EVERY_ROW = Expression("1 = 1")
"""The scope of a list whose rows everybody with its permission may see."""
UID = Expression("t.uid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """How a cell is changed in place.

    permission: who may. set: the part's service, called as ``set(actor, uid, value, version)`` in a transaction. It
    changes the row only where it still has that version and returns the new one; it raises Conflict where somebody else
    changed it, Refusal with a sentence, or NotFound. ``value`` is None for empty, else of the column's kind: text,
    float, int (money: minor units), bool, ``YYYY-MM-DD``, milliseconds, a code, or a list of codes for a set.
    """

    permission: str
    set: Callable[[Actor, str, Any, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    key: its name in addresses, files and macros. trait: the name of the kind's trait behind it, by which the column is
    filtered and sorted; without one the column has an expression of its own, and cannot be filtered by.
    sql: what is read to be shown; by default the trait's own (a text needs it, because its trait is the key).
    kind, choices, currency: of a column without trait. title: how people call it, with a capital; the trait's by
    default. show: how a value is drawn: by its kind, or as ``link`` (to the row's page), ``person`` or ``organisation``
    (initials before it; a link like the former, unless it is one of several choices), ``badge``, ``email``, ``code``,
    ``long`` (a text that may have several lines) or ``own`` (the macro of this key in the kind's ``macros``).
    colours: for ``badge``, value -> success, warning, danger, info, accent. default: shown until somebody chooses.
    width: the least: ``narrow``, ``small``, ``middle``, ``wide`` or ``widest``; by how it is shown otherwise.
    group: rows can be grouped by it and shown as a board (choices only).
    indexed: an index on ``(expression, id)`` stands behind it. make_index: builds that index; offered to admins when a
    query was stopped. in_file: what an exported cell holds, made from the row; by kind otherwise. permission: who
    sees the column at all; whoever does not cannot filter by it either. Raises PluginError when the declaration
    contradicts itself.
    """

    key: str
    title: str = ""
    trait: str = ""
    sql: Expression | None = None
    kind: Kind = "text"
    choices: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    show: str = ""
    colours: Mapping[str, str] = field(default_factory=dict)
    sortable: bool = True
    edit: Edit | None = None
    default: bool = True
    width: str = ""
    group: bool = False
    indexed: bool = False
    make_index: Callable[[], None] | None = None
    permission: str = ""
    in_file: Callable[[Mapping[str, Any]], Any] | None = None

    def __post_init__(self) -> None:
        checks = (
            (_KEY.fullmatch(self.key) and self.key not in _RESERVED, "its key must be a small word of its own."),
            (self.trait or self.sql is not None, "it needs a trait or an expression."),
            (self.width in WIDTHS, f"width is '{self.width}', but must be one of {', '.join(WIDTHS[1:])}."),
            (self.trait or self.title, "without a trait it needs a title."),
            (self.show in SHOWS, f"show is '{self.show}', but must be one of {', '.join(SHOWS[1:])}."),
            (not self.edit or self.trait, "only a column with a trait can be edited in place."),
            (not self.group or self.trait, "only a column with a trait can group."),
        )
        fault = next((sentence for holds, sentence in checks if not holds), "")
        if fault:
            raise PluginError(f"Column '{self.key}': {fault}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAction:
    """Something that is done to many rows at once, in steps, by a job.

    title: a verb ("Set stage"). permission: who may. apply: called as ``apply(actor, uids, value)`` in a transaction
    with at most ``lists.bulk.STEP`` rows that the actor may see; returns what ``undo(actor, data)`` needs to put
    them back, as plain data. Both emit their events as always. What was changed by others since should be left alone
    by ``undo``. choices: what the person has to choose from first, value -> title; called with the actor. read:
    instead, makes the value of a text that the person types; raises Refusal. ask: the label of what is chosen or
    typed. confirm: a sentence that is asked before; ``%(num)s`` stands for the number of rows. icon: a drawing.
    danger: whether it destroys.
    """

    key: str
    title: str
    permission: str
    apply: Callable[[Actor, Sequence[str], str], Any]
    undo: Callable[[Actor, Any], None]
    confirm: str = ""
    choices: Callable[[Actor], Mapping[str, str]] | None = None
    read: Callable[[str], str] | None = None
    ask: str = ""
    icon: str = "checks"
    danger: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind:
    """A table of the product.

    name: ``<part>.<noun>``, for ever: stored views name it. title: as its page is headed. noun: what one row is called,
    in small letters. url: the path of its page. permission: who may see it, ``ANYONE`` and ``SIGNED_IN`` included.
    traits: what can be filtered by (``TraitSet``, or a function that gives it where fields come and go at run time).
    Its table has the key ``id``.
    columns: in their order; a function of the actor where they depend on it or on custom fields.
    segment: finds a segment that the actor may use by its public id, for filters that name one.
    filters: names of further traits that may be filtered by without a column.
    scope: the rows that an actor may see, as an SQL condition over the traits' table and joins.
    uid, version: SQL of the row's public id and of the number that rises with each change (needed for editing).
    editor: SQL of the name of whoever changed the row last, shown in a conflict.
    fields: further values of each row for ``address`` and ``macros``, name -> SQL.
    prepare: called with the rows of a page, to add what macros and files need, with one query for all of them.
    address: the path of a row's page. search: names of text traits that the search box looks into.
    sort: how rows stand at first: a column's key, ``-`` before it for descending; ``id`` is the order of their making.
    actions: what can be done to many. macros: a template with one macro for each column shown as ``own``, called
    with the row. card: key of the column that heads a card of a board and of a phone; the first one by default.
    empty: (title, sentence) shown while there is no row at all. export_permission: who may take the rows away as a
    file;
    the list's own by default.
    Raises PluginError when the declaration contradicts itself.
    """

    name: str
    title: str
    noun: str = "row"
    url: str
    permission: str
    traits: TraitSet | Callable[[], TraitSet]
    columns: Sequence[Column] | Callable[[Actor], Sequence[Column]]
    segment: Callable[[Actor, str], Segment | None] | None = None
    filters: Collection[str] = ()
    scope: Callable[[Actor], Expression] = lambda actor: EVERY_ROW
    uid: Expression = UID
    version: Expression | None = None
    editor: Expression | None = None
    fields: Mapping[str, Expression] = field(default_factory=dict)
    prepare: Callable[[list[dict[str, Any]]], None] | None = None
    address: Callable[[Mapping[str, Any]], str] | None = None
    search: Sequence[str] = ()
    sort: str = "-id"
    actions: Sequence[BulkAction] = ()
    macros: str = ""
    card: str = ""
    empty: tuple[str, str] = ("Nothing here yet", "")
    icon: str = "list-details"
    export_permission: str = ""

    def __post_init__(self) -> None:
        keys = [action.key for action in self.actions]
        taken = _RESERVED & set(self.fields)
        checks = (
            (re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z0-9_]+", self.name), "its name must look like part.noun."),
            (self.url.startswith("/"), "its url must be a path of this site."),
            (len(keys) == len(set(keys)), "two of its bulk actions have one key."),
            (not taken, f"its fields may not be called {', '.join(sorted(taken))}."),
        )
        fault = next((sentence for holds, sentence in checks if not holds), "")
        if fault:
            raise PluginError(f"List '{self.name}': {fault}")
