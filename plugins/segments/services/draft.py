"""A rule while it is being written: groups and rows of a form, some of them not complete yet.

A draft is a tree of dicts. ``{"kind": "all" | "any" | "none", "parts": [...]}`` is a group, ``{"kind": "condition",
"trait", "op", "texts"}`` a row, ``{"kind": "segment", "uid", "inside"}`` a row about another segment. A part's place is
``r`` for the root and ``r.0.2`` below it; the form's fields carry it: ``trait:r.0``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any, Protocol

from ecrm_server.api import RULE_OPERATORS, Refusal, TraitSet, condition_in_form, condition_of_form

ROOT = "r"
MOST = 200
"""Rows and groups of a form."""
GROUPS = ("all", "any", "none")

Draft = dict[str, Any]
Tree = dict[str, Any]


class Form(Protocol):
    """What a submitted form answers."""

    def get(self, key: str, default: str, /) -> str: ...

    def getlist(self, key: str, /) -> list[str]: ...


def empty() -> Draft:
    """A rule that is begun: one group with one row."""
    return {"kind": "all", "parts": [condition()]}


def condition(trait: str = "") -> Draft:
    """A row on which nothing but the trait is chosen."""
    return {"kind": "condition", "trait": trait, "op": "", "texts": []}


def of_form(form: Form) -> Draft:
    """The draft that a form shows. Raises Refusal for one that is too large."""
    left = [MOST]
    return _read(form, ROOT, left) if form.get(f"kind:{ROOT}", "") in GROUPS else empty()


def _read(form: Form, place: str, left: list[int]) -> Draft:
    left[0] -= 1
    if left[0] < 0:
        raise Refusal(f"A rule has at most {MOST} conditions and groups.", field="rule")
    kind = form.get(f"kind:{place}", "")
    if kind in GROUPS:
        parts, index = [], 0
        while form.get(f"kind:{place}.{index}", ""):
            parts.append(_read(form, f"{place}.{index}", left))
            index += 1
        return {"kind": kind, "parts": parts}
    if kind == "segment":
        inside = form.get(f"op:{place}", "") != "out"
        return {"kind": "segment", "uid": form.get(f"segment:{place}", ""), "inside": inside}
    return {
        "kind": "condition",
        "trait": form.get(f"trait:{place}", ""),
        "op": form.get(f"op:{place}", ""),
        "texts": form.getlist(f"value:{place}"),
    }


def act(draft: Draft, wish: str) -> Draft:
    """The draft after a button: ``condition:r``, ``segment:r``, ``group:r`` add to a group, ``remove:r.1`` removes."""
    verb, _, place = wish.partition(":")
    if verb == "remove":
        above, _, last = place.rpartition(".")
        group = _at(draft, above)
        if group is not None and last.isdecimal() and int(last) < len(group["parts"]):
            del group["parts"][int(last)]
        return draft
    group = _at(draft, place)
    made: Draft | None = {
        "condition": condition(),
        "segment": {"kind": "segment", "uid": "", "inside": True},
        "group": {"kind": "any", "parts": [condition()]},
    }.get(verb)
    if group is not None and made is not None:
        group["parts"].append(made)
    return draft


def _at(draft: Draft, place: str) -> Draft | None:
    """The group at a place."""
    found = draft
    for step in place.split(".")[1:]:
        if not step.isdecimal() or int(step) >= len(found.get("parts", ())):
            return None
        found = found["parts"][int(step)]
    return found if place.startswith(ROOT) and "parts" in found else None


def of_tree(tree: Tree, traits: TraitSet, zone: tzinfo) -> Draft:
    """A stored rule as a draft."""
    found = _shown({key: value for key, value in tree.items() if key != "version"}, traits, zone)
    return found if found["kind"] in GROUPS else {"kind": "all", "parts": [found]}


def _shown(tree: Tree, traits: TraitSet, zone: tzinfo) -> Draft:
    if "all" in tree or "any" in tree:
        kind = "all" if "all" in tree else "any"
        return {"kind": kind, "parts": [_shown(part, traits, zone) for part in tree[kind]]}
    if "segment" in tree:
        return {"kind": "segment", "uid": tree["segment"], "inside": True}
    if "not" in tree:
        part = _shown(tree["not"], traits, zone)
        if part["kind"] == "segment":
            return {**part, "inside": not part["inside"]}
        return {**part, "kind": "none"} if part["kind"] == "any" else {"kind": "none", "parts": [part]}
    texts = condition_in_form(traits, tree, zone) if traits.get(tree["trait"]) is not None else []
    return {"kind": "condition", "trait": tree["trait"], "op": tree["op"], "texts": texts}


def to_tree(draft: Draft, traits: TraitSet, zone: tzinfo) -> tuple[Tree | None, dict[str, str]]:
    """The rule of a draft, or None and what is wrong: place -> sentence."""
    faults: dict[str, str] = {}
    tree = _written(draft, ROOT, traits, zone, faults)
    return (None if faults else tree), faults


def _written(draft: Draft, place: str, traits: TraitSet, zone: tzinfo, faults: dict[str, str]) -> Tree:
    try:
        if draft["kind"] in GROUPS:
            return _group(draft, place, traits, zone, faults)
        if draft["kind"] == "segment":
            if not draft["uid"]:
                raise Refusal("Choose a segment.")
            inside: Tree = {"segment": draft["uid"]}
            return inside if draft["inside"] else {"not": inside}
        if not draft["trait"]:
            raise Refusal("Choose what to ask for.")
        if traits.get(draft["trait"]) is None:
            raise Refusal(
                "This cannot be asked any more: its field was deleted, or its plugin is off. Remove the row."
            )
        if draft["op"] in ("is empty", "is not empty"):
            return {"trait": draft["trait"], "op": draft["op"]}
        return dict(condition_of_form(traits, draft["trait"], draft["op"], draft["texts"], zone))
    except Refusal as refusal:
        faults[place] = refusal.message
        return {}


def _group(draft: Draft, place: str, traits: TraitSet, zone: tzinfo, faults: dict[str, str]) -> Tree:
    parts = [
        _written(part, f"{place}.{index}", traits, zone, faults) for index, part in enumerate(draft["parts"])
    ]
    if draft["kind"] == "all":
        return {"all": parts}
    if not parts:
        raise Refusal("Add a condition, or remove the group.")
    return {"any": parts} if draft["kind"] == "any" else {"not": {"any": parts}}


def with_operators(draft: Draft, traits: TraitSet, usual: Any) -> Draft:
    """The draft with an operator on each row whose trait has not got one that fits."""
    for part in rows(draft):
        trait = traits.get(part["trait"])
        found = RULE_OPERATORS.get(part["op"])
        if trait is not None and (found is None or trait.kind not in found[0].kinds):
            part["op"], part["texts"] = usual(trait), []
    return draft


def rows(draft: Draft) -> Iterator[Draft]:
    """Every condition of a draft."""
    if draft["kind"] == "condition":
        yield draft
    for part in draft.get("parts", ()):
        yield from rows(part)
