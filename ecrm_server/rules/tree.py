"""A rule after parsing: the nodes that every interpreter walks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ecrm_server.rules.trait import Trait, TraitSet

if TYPE_CHECKING:
    from ecrm_server.rules.operators import Operator

VERSION = 1
"""The version of the rule tree that this server writes and reads."""


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is; without parts it is true for everybody."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one part is."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is false."""

    part: Node


@dataclass(frozen=True, slots=True)
class Condition:
    """One trait compared.

    value: as it stands in the tree. operand: as it is compared (keys of texts, minor units, sets).
    negated: whether the operator was the negative word of ``operator``.
    """

    trait: Trait
    operator: Operator
    value: Any
    operand: Any
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as a rule sees it. tree: its rule; None for a static list, whose members are kept by hand."""

    uid: str
    title: str
    tree: Any = None


@dataclass(frozen=True, slots=True)
class Nested:
    """Membership of a segment, decided by the segment's own rule in place."""

    segment: Segment
    part: Node


Node = All | AnyOf | Not | Condition | Nested


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule; make it with ``parse``.

    tree: the rule as JSON, in its stored form with the version. traits: what it was parsed against.
    """

    root: Node
    traits: TraitSet
    tree: dict[str, Any]
    compiled: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Where the memory interpreter keeps its function."""


def conditions(node: Node) -> Iterator[Condition]:
    """Every comparison below a node, those of nested segments included."""
    match node:
        case Condition():
            yield node
        case All() | AnyOf():
            for part in node.parts:
                yield from conditions(part)
        case Not() | Nested():
            yield from conditions(node.part)


def traits_used(rule: Rule) -> tuple[str, ...]:
    """Names of the traits that a rule and its nested segments ask for, sorted."""
    return tuple(sorted({condition.trait.name for condition in conditions(rule.root)}))


def segments_used(rule: Rule) -> tuple[str, ...]:
    """Public ids of the segments that a rule names, directly or through others, sorted."""

    def found(node: Node) -> Iterator[str]:
        match node:
            case All() | AnyOf():
                for part in node.parts:
                    yield from found(part)
            case Nested():
                yield node.segment.uid
                yield from found(node.part)
            case Not():
                yield from found(node.part)

    return tuple(sorted(set(found(rule.root))))


def events_relevant(rule: Rule) -> tuple[str, ...]:
    """Names of the events after which the answer for a subject may be another, sorted.

    Those after which it is there or gone are among them: a rule that asks nothing of it holds for it too.
    """
    asked = {name for condition in conditions(rule.root) for name in condition.trait.events}
    return tuple(sorted(asked.union(rule.traits.events)))
