"""Random rules over the test shop, and random JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from ecrm_server.rules import OPERATORS, Takes, Trait, words_for
from tests.core.rules import shop

Tree = dict[str, Any]

_VALUES: dict[str, tuple[Any, ...]] = {
    "text": tuple(text for text in shop.TEXTS if text and text.strip(" \u200b")),
    "number": tuple(value for value in shop.NUMBERS if value is not None),
    "integer": tuple(value for value in shop.INTEGERS if value is not None),
    "money": tuple({"amount": amount, "currency": "GBP"} for amount in shop.AMOUNTS if amount is not None),
    "boolean": (True, False),
    "date": tuple(value for value in shop.DATES if value),
    "time": tuple(value for value in shop.TIMES if value is not None),
    "choice": ("DE", "GB", "FR", "fr"),
    "set": shop.TAGS,
}


@st.composite
def comparison(
    draw: st.DrawFn, trait: Trait, one: st.SearchStrategy[Any], days: Sequence[int], word: str = ""
) -> Tree:
    """One condition on a trait. one: its values. days: for the words that compare with now. word: drawn if empty."""
    word = word or draw(st.sampled_from(words_for(trait.kind)))
    operator, some_days = OPERATORS[word][0], st.sampled_from(days)
    tree: Tree = {"trait": trait.name, "op": word}
    match operator.takes:
        case Takes.ONE:
            tree["value"] = draw(one)
        case Takes.MANY:
            tree["value"] = draw(st.lists(one, min_size=1, max_size=3))
        case Takes.PAIR:
            tree["value"] = sorted(
                draw(st.tuples(one, one)), key=lambda item: item["amount"] if isinstance(item, dict) else item
            )
        case Takes.DAYS:
            tree["value"] = min(draw(some_days), operator.most_days)
        case Takes.DAYS_PAIR:
            tree["value"] = sorted(draw(st.tuples(some_days, some_days)))
    return tree


def trees(leaf: st.SearchStrategy[Tree], most: int = 6) -> st.SearchStrategy[Tree]:
    """Rules made of such conditions."""
    return st.recursive(
        leaf,
        lambda part: (
            st.builds(lambda parts: {"all": parts}, st.lists(part, max_size=3))
            | st.builds(lambda parts: {"any": parts}, st.lists(part, min_size=1, max_size=3))
            | st.builds(lambda one: {"not": one}, part)
        ),
        max_leaves=most,
    )


def rules(*names: str) -> st.SearchStrategy[Tree]:
    """Rules of up to some ten conditions; on the named traits only, or on all of them and on segments."""
    traits = [trait for trait in shop.TRAITS if not names or trait.name in names]
    leaf = st.sampled_from(traits).flatmap(
        lambda trait: comparison(trait, st.sampled_from(_VALUES[trait.kind]), shop.DAYS)
    )
    if not names:
        leaf = leaf | st.sampled_from([{"segment": uid} for uid in shop.SEGMENTS])
    return trees(leaf)


_WORDS = st.sampled_from(
    (
        "all", "any", "not", "trait", "op", "value", "segment", "version", "amount", "currency", "GBP", "germans",
        *(trait.name for trait in shop.TRAITS),
        *OPERATORS,
    )
)  # fmt: skip

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from((10**400, -(10**4000), 2**53))
    | st.floats()
    | st.characters(codec=None)
    | st.text()
    | _WORDS,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(_WORDS | st.text(), part, max_size=4),
    max_leaves=12,
)
"""Anything that JSON can hold, made of the language's own words more often than not."""


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """A good rule in which one place holds anything."""
    tree = draw(rules())
    place: Any = tree
    while True:
        inner = [key for key in _keys(place) if isinstance(place[key], dict | list)]
        if not inner or draw(st.booleans()):
            break
        place = place[draw(st.sampled_from(inner))]
    keys = _keys(place)
    if not keys:
        return draw(JSON)
    place[draw(st.sampled_from(keys))] = draw(JSON)
    return tree


def _keys(place: Any) -> list[Any]:
    return list(place) if isinstance(place, dict) else list(range(len(place)))
