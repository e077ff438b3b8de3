"""Two editors of one record: what each changed is kept, and what both changed is asked about.

The form carries each value as it was when it was opened (``was-<field>``), beside the value as it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

WAS = "was-"


@dataclass(frozen=True, slots=True)
class Both:
    """What two editors made of a record.

    mine: the fields that this editor alone changed. both: those that both changed, differently. theirs: those that
    the other editor alone changed. form: the whole form, with theirs where this editor changed nothing.
    """

    mine: frozenset[str]
    both: frozenset[str]
    theirs: frozenset[str]
    form: MultiDict[str, str]


def compare(form: MultiDict[str, str], stored: Mapping[str, list[str]]) -> Both:
    """Compare a submitted form with what is stored now: field -> values as the form shows them."""
    mine, both, theirs = set(), set(), set()
    merged = MultiDict(form)
    for name, now in stored.items():
        if name not in form:
            continue
        sent, was, is_now = (plain(values) for values in (form.getlist(name), form.getlist(WAS + name), now))
        if sent == is_now:
            continue
        if is_now == was:
            mine.add(name)
        elif sent == was:
            theirs.add(name)
            merged.setlist(name, now or [""])
        else:
            both.add(name)
        merged.setlist(WAS + name, now)
    return Both(frozenset(mine), frozenset(both), frozenset(theirs), merged)


def plain(values: Any) -> list[str]:
    """Values as they are compared: without what browsers add, without empty ones, in one order."""
    return sorted(text for value in values if (text := str(value).replace("\r\n", "\n").strip()))
