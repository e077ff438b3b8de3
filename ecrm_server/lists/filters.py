"""The filter bar: a rule tree as a flat list of conditions that are added, changed and removed one by one.

Parts that are no plain condition (groups, segments) are kept as they are and shown in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from ecrm_server.errors import Refusal
from ecrm_server.lists import values
from ecrm_server.lists.bound import Bound
from ecrm_server.rules import OPERATORS, Kind, Takes, Trait, TraitSet, parse, words_for
from ecrm_server.rules.tree import Condition, Node
from ecrm_server.rules.words import describe

Tree = dict[str, Any]

USUAL: dict[Kind, str] = {
    "text": "contains", "number": ">=", "money": ">=", "integer": ">=", "date": "within last days",
    "time": "within last days", "set": "has any of",
}  # fmt: skip
"""The comparison that a new condition begins with; "is" for the other kinds."""

_TO_MANY = {"is": "one of", "is not": "not one of"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a filter. trait is None for a part that cannot be edited here."""

    index: int
    words: str
    trait: Trait | None


def parts(tree: Tree | None) -> list[Tree]:
    """The parts of a filter's first level."""
    if tree is None:
        return []
    for word in ("all", "any"):
        if isinstance(tree.get(word), list):
            return list(tree[word])
    return [body(tree)]


def body(tree: Tree) -> Tree:
    """A tree without its version, as it may stand inside another."""
    return {key: value for key, value in tree.items() if key != "version"}


def joined_by(tree: Tree | None) -> str:
    """``all`` or ``any``: how the parts of the first level are joined."""
    return "any" if tree is not None and "any" in tree else "all"


def build(found: Sequence[Tree], word: str) -> Tree | None:
    """A filter of parts; None without any."""
    return {word: list(found)} if found else None


def shown(bound: Bound, tree: Tree | None) -> list[Part]:
    """The parts of a filter in words. Raises Refusal."""
    found = []
    for index, part in enumerate(parts(tree)):
        inner = bound.parse(part)
        root: Node = inner.root
        found.append(Part(index, describe(inner), root.trait if isinstance(root, Condition) else None))
    return found


def put(tree: Tree | None, condition: Tree, at: int | None) -> Tree | None:
    """The filter with a condition added, or in the place of another."""
    found = parts(tree)
    if at is not None and 0 <= at < len(found):
        found[at] = condition
    else:
        found.append(condition)
    return build(found, joined_by(tree))


def narrowed(tree: Tree | None, condition: Tree) -> Tree | None:
    """The filter and a condition, both of which must hold."""
    if tree is not None and joined_by(tree) == "any":
        return build([body(tree), condition], "all")
    return put(tree, condition, None)


def without(tree: Tree | None, at: int) -> Tree | None:
    """The filter without one of its parts."""
    return build([part for index, part in enumerate(parts(tree)) if index != at], joined_by(tree))


def condition(traits: TraitSet, name: str, word: str, texts: Sequence[str], zone: tzinfo) -> Tree:
    """A condition from the fields of a form. Raises Refusal with a sentence.

    Several values turn "is" into "is one of", so that ticking two choices does what it looks like.
    """
    trait = traits.get(name)
    found = OPERATORS.get(word)
    if trait is None or found is None or trait.kind not in found[0].kinds:
        raise Refusal("Choose what to compare, and how.", field="op")
    filled = [text.strip() for text in texts if text.strip()]
    if word in _TO_MANY and len(filled) > 1:
        word = _TO_MANY[word]
        found = OPERATORS[word]
    tree: Tree = {"trait": name, "op": word}
    match found[0].takes:
        case Takes.ONE:
            tree["value"] = _one(trait, filled[:1], zone)
        case Takes.PAIR:
            tree["value"] = sorted(
                (_one(trait, [text], zone) for text in filled[:2]),
                key=lambda value: values.from_rule(trait, value),
            )
        case Takes.MANY:
            listed = filled if trait.choices or len(filled) != 1 else filled[0].split(",")
            tree["value"] = [_one(trait, [text], zone) for text in listed if text.strip()]
        case Takes.DAYS:
            tree["value"] = _days(trait, filled[:1])
        case Takes.DAYS_PAIR:
            tree["value"] = sorted(_days(trait, [text]) for text in filled[:2])
    parse(tree, traits)
    return tree


def fields(traits: TraitSet, tree: Tree, zone: tzinfo) -> list[str]:
    """What the fields of a form show for a condition."""
    trait = traits.get(tree["trait"])
    if trait is None or "value" not in tree:
        return []
    value = tree["value"]
    if OPERATORS[tree["op"]][0].takes in (Takes.DAYS, Takes.DAYS_PAIR):
        return [str(item) for item in (value if isinstance(value, list) else [value])]
    listed = value if isinstance(value, list) else [value]
    return [values.in_field(trait, values.from_rule(trait, item), zone) for item in listed]


def operators(trait: Trait) -> list[tuple[str, str]]:
    """(word, how many values it takes) for the conditions on a trait: none, one, pair, many, days or days_pair."""
    return [(word, OPERATORS[word][0].takes.name.lower()) for word in words_for(trait.kind)]


def _one(trait: Trait, texts: Sequence[str], zone: tzinfo) -> Any:
    one = values.read(trait, texts, zone)
    if isinstance(one, list):
        one = one[0] if one else None
    if one is None:
        raise Refusal(f"Say what {trait.title} is compared with.", field="value")
    return values.in_rule(trait, one)


def _days(trait: Trait, texts: Sequence[str]) -> int:
    if not texts or not texts[0].isdecimal() or len(texts[0]) > 6:
        raise Refusal(f"{trait.title} needs a whole number of days.", field="value")
    return int(texts[0])
