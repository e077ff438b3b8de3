"""From JSON to a rule, or to one sentence that says what is wrong, where, and how to mend it."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ecrm_server.errors import Refusal
from ecrm_server.rules import values
from ecrm_server.rules.operators import OPERATORS, Operator, Takes, words_for
from ecrm_server.rules.trait import Trait, TraitSet
from ecrm_server.rules.tree import VERSION, All, AnyOf, Condition, Nested, Node, Not, Rule, Segment
from ecrm_server.rules.values import ValueFault, shown

MAX_DEPTH = 10
"""Levels of all, any and not in one tree."""
MAX_NESTING = 5
"""Segments within segments."""
MAX_PARTS = 200
"""Conditions and groups of a rule, those of nested segments counted each time they are used."""
MAX_VALUES = 2_000
"""Values in the lists of a rule, counted likewise."""

FindSegment = Callable[[str], Segment | None]

_UID = re.compile(r"[0-9A-Za-z_-]{1,40}")
_SHAPES = 'one of {"all": [...]}, {"any": [...]}, {"not": {...}}, {"trait": ...} and {"segment": ...}'


def parse(tree: Any, traits: TraitSet, *, segment: FindSegment | None = None, own: str = "") -> Rule:
    """A rule from its JSON tree.

    segment: finds a segment by its public id. own: the id of the segment the rule is saved for, which it may not
    contain. Raises Refusal for anything else than a rule over known traits; its ``field`` is the place, such as
    ``all[2].value`` (``rule`` for the whole).
    """
    reader = _Reader(traits, segment, (own,) if own else ())
    root, body = _unversioned(tree)
    return Rule(reader.node(body, "", 0), traits, copy.deepcopy(root))


def _unversioned(tree: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    if not isinstance(tree, dict):
        _refuse("", f"a rule is {_SHAPES}, not {shown(tree)}.")
    body = {key: value for key, value in tree.items() if key != "version"}
    version = tree.get("version", VERSION)
    if isinstance(version, bool) or version != VERSION:
        _refuse("version", f"this server reads version {VERSION} of rules, not {shown(version)}.")
    return {"version": VERSION, **body}, body


def _refuse(path: str, sentence: str) -> NoReturn:
    place = path or "rule"
    raise Refusal(f"At {place}: {sentence}", field=place)


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


@dataclass
class _Read:
    """A nested segment that was read, and what it adds to the rule that uses it."""

    node: Node
    parts: int = 0
    values: int = 0
    levels: int = 0


@dataclass
class _Reader:
    """Reads one tree. ``parts``, ``values`` and ``levels`` (of segments) are what it has found so far."""

    traits: TraitSet
    find: FindSegment | None
    within: tuple[str, ...]
    known: dict[str, _Read] = field(default_factory=dict)
    parts: int = 0
    values: int = 0
    levels: int = 0

    def node(self, tree: Any, path: str, depth: int) -> Node:
        if not isinstance(tree, dict):
            _refuse(path, f"a condition is {_SHAPES}, not {shown(tree)}.")
        if depth > MAX_DEPTH:
            _refuse(path, f"the rule is nested deeper than {MAX_DEPTH} levels. Make a part of it a segment.")
        shape = next((key for key in _NODES if key in tree), None)
        if shape is None:
            _refuse(path, f"a condition is {_SHAPES}.")
        allowed = ("trait", "op", "value") if shape == "trait" else (shape,)
        extra = next((key for key in tree if key not in allowed), None)
        if extra is not None:
            _refuse(path, f"{shown(extra)} does not belong beside '{shape}'. Remove it.")
        self._count(1, 0, path)
        return _NODES[shape](self, tree, path, depth)

    def all(self, tree: dict[str, Any], path: str, depth: int) -> Node:
        return All(self._parts(tree["all"], _below(path, "all"), depth))

    def any(self, tree: dict[str, Any], path: str, depth: int) -> Node:
        place = _below(path, "any")
        parts = self._parts(tree["any"], place, depth)
        if not parts:
            _refuse(place, "'any' without conditions would hold for nobody. Add a condition or remove it.")
        return AnyOf(parts)

    def negation(self, tree: dict[str, Any], path: str, depth: int) -> Node:
        return Not(self.node(tree["not"], _below(path, "not"), depth + 1))

    def _parts(self, parts: Any, path: str, depth: int) -> tuple[Node, ...]:
        if not isinstance(parts, list):
            _refuse(path, f"this needs a list of conditions, not {shown(parts)}.")
        return tuple(self.node(part, f"{path}[{index}]", depth + 1) for index, part in enumerate(parts))

    def condition(self, tree: dict[str, Any], path: str, depth: int) -> Node:
        trait = self._trait(tree["trait"], _below(path, "trait"))
        operator, negated = self._operator(trait, tree, path)
        value = tree.get("value")
        if operator.takes is Takes.NOTHING:
            if "value" in tree:
                _refuse(_below(path, "value"), f"'{tree['op']}' takes no value. Remove it.")
            operand = None
        else:
            operand = self._operand(trait, operator, tree, path)
        several = len(operand) if isinstance(operand, frozenset) else 0
        # In SQL each of these is a condition of its own.
        self._count(several if operator.name == "has all of" else 0, several, path)
        return Condition(trait, operator, value, operand, negated)

    def _trait(self, name: Any, path: str) -> Trait:
        if not isinstance(name, str):
            _refuse(path, f"this needs the name of a trait, not {shown(name)}.")
        trait = self.traits.get(name)
        if trait is None:
            near = difflib.get_close_matches(name[:100], [item.name for item in self.traits], 1)
            hint = f"Did you mean '{near[0]}'?" if near else "Choose another one or remove the condition."
            _refuse(
                path, f"there is no trait {shown(name)}; its field was deleted or its plugin is off. {hint}"
            )
        return trait

    def _operator(self, trait: Trait, tree: dict[str, Any], path: str) -> tuple[Operator, bool]:
        word, place = tree.get("op"), _below(path, "op")
        found = OPERATORS.get(word) if isinstance(word, str) else None
        if found is None or trait.kind not in found[0].kinds:
            words = ", ".join(f"'{known}'" for known in words_for(trait.kind))
            _refuse(place, f"{trait.title} cannot be compared by {shown(word)}. Use one of: {words}.")
        return found

    def _operand(self, trait: Trait, operator: Operator, tree: dict[str, Any], path: str) -> Any:
        place = _below(path, "value")
        if "value" not in tree:
            _refuse(place, f"'{tree['op']}' needs {operator.takes.value} to compare {trait.title} with.")
        try:
            return values.read(trait, operator, tree["value"])
        except ValueFault as fault:
            exact = place if fault.index is None else f"{place}[{fault.index}]"
            _refuse(exact, f"{trait.title} {fault.message}")

    def _count(self, parts: int, compared: int, path: str) -> None:
        self.parts += parts
        self.values += compared
        if self.parts > MAX_PARTS:
            _refuse(path, f"a rule has at most {MAX_PARTS} conditions, nested segments included. Use fewer.")
        if self.values > MAX_VALUES:
            _refuse(path, f"the lists of a rule have at most {MAX_VALUES} values together. Use fewer.")

    def segment(self, tree: dict[str, Any], path: str, depth: int) -> Node:
        uid, place = tree["segment"], _below(path, "segment")
        if not isinstance(uid, str):
            _refuse(place, f"this needs the public id of a segment, not {shown(uid)}.")
        if uid in self.within:
            _refuse(place, "the segment would contain itself. Remove it here or from the segments it uses.")
        found = self.find(uid) if self.find and _UID.fullmatch(uid) else None
        if found is None:
            _refuse(place, f"there is no segment {shown(uid)}. Choose another one or remove the condition.")
        if uid not in self.known:
            self.known[uid] = self._nested(found, place)
        read = self.known[uid]
        self._count(read.parts, read.values, place)
        self.levels = max(self.levels, read.levels)
        if len(self.within) + read.levels > MAX_NESTING:
            _refuse(place, f"segments contain segments over more than {MAX_NESTING} levels. Use fewer.")
        return read.node

    def _nested(self, segment: Segment, path: str) -> _Read:
        if segment.tree is None:
            return _Read(Nested(segment, self._on_list(segment, path)))
        if len(self.within) >= MAX_NESTING:
            _refuse(path, f"segments contain segments over more than {MAX_NESTING} levels. Use fewer.")
        inner = _Reader(self.traits, self.find, (*self.within, segment.uid), self.known)
        try:
            node = inner.node(_unversioned(segment.tree)[1], "", 0)
        except Refusal as refusal:
            _refuse(path, f"the segment '{segment.title}' cannot be used. {refusal.message}")
        return _Read(Nested(segment, node), inner.parts, inner.values, inner.levels + 1)

    def _on_list(self, segment: Segment, path: str) -> Condition:
        lists = self.traits.lists
        if lists is None:
            _refuse(
                path,
                f"'{segment.title}' is a static list, which cannot be used here. Choose another segment.",
            )
        operator, _ = OPERATORS["has any of"]
        return Condition(lists, operator, [segment.uid], frozenset((segment.uid,)))


_NODES: dict[str, Callable[[_Reader, dict[str, Any], str, int], Node]] = {
    "all": _Reader.all,
    "any": _Reader.any,
    "not": _Reader.negation,
    "trait": _Reader.condition,
    "segment": _Reader.segment,
}
