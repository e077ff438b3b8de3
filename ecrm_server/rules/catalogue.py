"""Which traits there are: what all parts declare by the hook ``traits``, brought together for each kind of subject."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ecrm_server.access import Actor
from ecrm_server.data.bulk import select_by_key
from ecrm_server.errors import PluginError
from ecrm_server.kernel import current
from ecrm_server.rules.columns import filled
from ecrm_server.rules.trait import Expression, Join, Kind, Members, Trait, TraitSet
from ecrm_server.rules.tree import Segment

_KEPT = "ecrm_traits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """A kind of subject that rules are about; declared once, by the part that owns the rows.

    name: ``customer``. title: of many, with a capital. table, alias: where its rows are, and the short name that all
    expressions use for it; the table has the columns ``id`` and ``uid``. present: the condition of rows that count: to
    be added to every query of a rule (``query(..., also=...)``). scope: which rows an actor may see, as one more
    condition. zone: where days begin. events: names of the events after which a subject is there or gone.
    """

    name: str
    title: str
    table: str
    present: str = "1 = 1"
    scope: Callable[[Actor], Expression]
    hidden: Callable[[Actor], Collection[str]] = lambda actor: ()
    alias: str = "t"
    zone: str = "UTC"
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a part adds to a kind of subject.

    kind: its name. traits: or a function that gives them where they come and go with the generation. joins: the tables
    that they read; a name is the part's own, ``orders_summary`` for example. lists: the set trait of static lists.
    segments: finds a segment by its public id, from the part that keeps them. subjects: from the part that owns the
    kind.
    """

    kind: str
    traits: Sequence[Trait] | Callable[[], Sequence[Trait]] = ()
    joins: Sequence[Join] = ()
    lists: Trait | None = None
    segments: Callable[[str], Segment | None] | None = None
    subjects: Subjects | None = None

    def all(self) -> Sequence[Trait]:
        """The traits in the generation in force."""
        return self.traits() if callable(self.traits) else self.traits


def stored(
    name: str,
    title: str,
    kind: Kind,
    sql: Expression | Members,
    *,
    shown: Expression | None = None,
    choices: Mapping[str, str] | None = None,
    currency: str = "",
    events: Iterable[str] = (),
) -> Trait:
    """A trait whose value is read from the database for memory too, by :func:`load`: both ways agree by themselves.

    shown: text only; the text as people wrote it, while ``sql`` is its key.
    """
    text = kind == "text"
    return Trait(
        name=name, title=title, kind=kind, sql=sql, choices=choices if choices is not None else {},
        currency=currency, events=tuple(events), shown=shown,
        read=(lambda subject: subject.get(_shown(name))) if text else (lambda subject: subject.get(name)),
        read_key=(lambda subject: subject.get(name)) if text else None,
    )  # fmt: skip


def _shown(name: str) -> str:
    return f"{name} as written"


def check(declared: Iterable[tuple[str, Traits]]) -> None:
    """Raise PluginError when what parts declare does not fit together; functions are asked later."""
    names: set[str] = set()
    owners: dict[str, str] = {}
    for part, traits in declared:
        if traits.subjects is not None and owners.setdefault(traits.kind, part) != part:
            raise PluginError(
                f"Subjects of the kind '{traits.kind}' are declared by {owners[traits.kind]} already."
            )
        for trait in () if callable(traits.traits) else traits.traits:
            if (key := f"{traits.kind} {trait.name}") in names:
                raise PluginError(f"Trait '{trait.name}' is declared already.")
            names.add(key)


def kinds() -> list[Subjects]:
    """Every kind of subject in the generation in force."""
    declared = current.generation().registry.traits
    return [traits.subjects for _, traits in declared if traits.subjects is not None]


def subjects(kind: str) -> Subjects:
    """A kind of subject. Raises KeyError for one that nobody declares."""
    found = next((item for item in kinds() if item.name == kind), None)
    if found is None:
        raise KeyError(kind)
    return found


def trait_set(kind: str) -> TraitSet:
    """All traits of a kind, the same object for as long as the generation lasts. Raises KeyError, PluginError."""
    kept: dict[str, TraitSet] = current.generation().app.extensions.setdefault(_KEPT, {})
    if kind not in kept:
        kept[kind] = _together(subjects(kind))
    return kept[kind]


def find_segment(kind: str, uid: str) -> Segment | None:
    """A segment of subjects of a kind, for ``parse(..., segment=partial(find_segment, kind))``; None without."""
    for _, traits in current.generation().registry.traits:
        if traits.kind == kind and traits.segments is not None:
            return traits.segments(uid)
    return None


def hidden_traits(kind: str, actor: Actor) -> frozenset[str]:
    """Names of the traits that are kept from an actor: they are neither asked about nor shown."""
    return frozenset(subjects(kind).hidden(actor))


def _together(of: Subjects) -> TraitSet:
    parts = [traits for _, traits in current.generation().registry.traits if traits.kind == of.name]
    return TraitSet(
        of.table,
        [trait for traits in parts for trait in traits.all()],
        alias=of.alias,
        joins=[join for traits in parts for join in traits.joins],
        lists=next((traits.lists for traits in parts if traits.lists is not None), None),
        zone=of.zone,
        events=of.events,
    )


@dataclass(slots=True)
class _Reading:
    """One SELECT under way: its columns and their parameters."""

    texts: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)

    def add(self, expression: Expression, as_of: int) -> None:
        self.texts.append(f"({expression.text})")
        self.params.extend(filled(expression.params, as_of))


def load(kind: str, ids: Sequence[int], names: Iterable[str], as_of: int) -> dict[int, dict[str, Any]]:
    """Subjects for ``evaluate`` and ``explain``: key of the row -> trait -> value, for traits made by :func:`stored`.

    names: the traits that are needed (``traits_used(rule)``). One query for all that is no set, one for each set, for
    each 500 subjects. What is gone is left out.
    """
    known = trait_set(kind)
    askable = {trait.name: trait for trait in (*known, *([known.lists] if known.lists is not None else ()))}
    wanted = [askable[name] for name in sorted(set(names)) if name in askable]
    found = _values(known, [trait for trait in wanted if trait.kind != "set"], ids, as_of)
    for trait in wanted:
        if trait.kind == "set":
            for row_id, member in _members(known, trait, ids, as_of):
                found[row_id].setdefault(trait.name, set()).add(member)
    return found


def _values(
    known: TraitSet, traits: Sequence[Trait], ids: Sequence[int], as_of: int
) -> dict[int, dict[str, Any]]:
    reading, keys = _Reading(), list[tuple[str, Kind]]()
    for trait in traits:
        reading.add(cast(Expression, trait.sql), as_of)
        keys.append((trait.name, trait.kind))
        if trait.kind == "text":
            reading.add(trait.shown or cast(Expression, trait.sql), as_of)
            keys.append((_shown(trait.name), "text"))
    source, params = _source(known, traits, as_of)
    columns = "".join(f", {text}" for text in reading.texts)
    text = f"SELECT {known.alias}.id{columns} FROM {source} WHERE {known.alias}.id IN {{keys}}"
    rows = select_by_key(text, ids, *reading.params, *params)
    return {
        row[0]: {
            name: bool(value) if kind == "boolean" else value
            for (name, kind), value in zip(keys, row[1:], strict=True)
            if value is not None
        }
        for row in rows
    }


def _members(known: TraitSet, trait: Trait, ids: Sequence[int], as_of: int) -> Iterator[tuple[int, str]]:
    members = cast(Members, trait.sql)
    source, params = _source(known, [trait], as_of)
    text = (
        f"SELECT {known.alias}.id, {members.member} FROM {source}, {members.source}"
        f" AND {known.alias}.id IN {{keys}}"
    )
    yield from select_by_key(text, ids, *params, *filled(members.params, as_of))


def _source(known: TraitSet, traits: Iterable[Trait], as_of: int) -> tuple[str, tuple[Any, ...]]:
    joins = known.joined({name for trait in traits for name in trait.sql.joins})
    text = "".join(f" LEFT JOIN {join.text}" for join in joins)
    return f"{known.table} {known.alias}{text}", tuple(
        p for join in joins for p in filled(join.params, as_of)
    )
