"""Lists kept by hand: customers are put in and taken out by their numbers, e-mail addresses or public ids."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from ecrm_server.api import (
    Actor,
    NotFound,
    Prepared,
    Refusal,
    audit_record,
    clock,
    hidden_traits,
    name_key,
    require,
    rule_subjects,
    select_by_key,
    transaction,
)

from ..permissions import EDIT
from . import following, state
from .index import SUBJECT, Kept, index
from .membership import AT_ONCE, Changes, write

MOST = 10_000
"""Customers of one paste."""

_SEPARATORS = re.compile(r"[\s,;]+")
_MEMBERS = "SELECT customer_id FROM segments_member WHERE segment_id = ? AND customer_id IN {keys}"


@dataclass(frozen=True, slots=True)
class Done:
    """How many were put in (or taken out), how many were so before, and the words that nobody was found by."""

    changed: int
    unchanged: int
    unknown: tuple[str, ...] = ()


def add_pasted(actor: Actor, uid: str, text: str) -> Done:
    """Put in everybody whose number, e-mail address or public id stands in the text. Raises Refusal for too many."""
    words = list(dict.fromkeys(word for word in _SEPARATORS.split(text) if word))
    if not words:
        raise Refusal("Paste numbers or e-mail addresses first.", field="text")
    if len(words) > MOST:
        raise Refusal(f"At most {MOST} customers at a time.", field="text")
    found = _found(actor, words)
    done = _change(actor, uid, {key for keys in found.values() for key in keys}, enter=True)
    return Done(done.changed, done.unchanged, tuple(word for word in words if word not in found))


def add(actor: Actor, uid: str, customers: Collection[str]) -> Done:
    """Put in customers by their public ids. Those that the actor does not see are left out."""
    return _change(actor, uid, _seen(actor, customers), enter=True)


def remove(actor: Actor, uid: str, customers: Collection[str]) -> Done:
    """Take out customers by their public ids."""
    return _change(actor, uid, _seen(actor, customers), enter=False)


def search(actor: Actor, text: str, limit: int = 10) -> list[dict[str, Any]]:
    """Customers whose name begins so, for the form that adds one: uid, name."""
    about, key = rule_subjects(SUBJECT), name_key(text)
    if not key:
        return []
    scope = about.scope(actor)
    pattern = key.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
    return Prepared(
        f"SELECT t.uid, t.name FROM customer t WHERE {about.present} AND ({scope.text})"
        " AND t.name_key LIKE ? ESCAPE '!' ORDER BY t.name_key, t.id LIMIT ?"
    ).rows(*scope.params, pattern, limit)


def _seen(actor: Actor, uids: Collection[str]) -> set[int]:
    return {key for keys in _by(actor, "uid", {uid: uid for uid in uids}).values() for key in keys}


def _found(actor: Actor, words: Iterable[str]) -> dict[str, set[int]]:
    """Word -> keys of customers. What is kept from the actor finds nobody."""
    words, hidden = list(words), hidden_traits(SUBJECT, actor)
    found: dict[str, set[int]] = {}
    for column, trait, keys in (
        ("uid", "", {word: word for word in words}),
        ("email_key", "customers.email", {word: word.lower() for word in words if "@" in word}),
        ("number_key", "customers.number", {word: name_key(word) for word in words}),
    ):
        if trait not in hidden:
            for word, ids in _by(actor, column, keys).items():
                found.setdefault(word, set()).update(ids)
    return found


def _by(actor: Actor, column: str, keys: dict[str, str]) -> dict[str, set[int]]:
    about = rule_subjects(SUBJECT)
    scope = about.scope(actor)
    where = f"{about.present} AND ({scope.text})"
    text = f"SELECT t.{column}, t.id FROM customer t WHERE {where} AND t.{column} IN {{keys}}"
    ids: dict[str, set[int]] = {}
    for key, row_id in select_by_key(text, set(keys.values()), *scope.params) if keys else ():
        ids.setdefault(key, set()).add(row_id)
    return {word: ids[key] for word, key in keys.items() if key in ids}


def _change(actor: Actor, uid: str, customers: Collection[int], *, enter: bool) -> Done:
    require(actor, EDIT)
    with transaction():
        state.lock()
        kept = index().by_uid.get(uid)
        if kept is None:
            raise NotFound()
        if kept.kind != "list":
            raise Refusal("Its rule decides who is in this segment. Change the rule instead.")
        there = {row[0] for row in select_by_key(_MEMBERS, customers, kept.id)} if customers else set()
        wanted = sorted(set(customers) - there if enter else set(customers) & there)
        for start in range(0, len(wanted), AT_ONCE):
            _write(kept, wanted[start : start + AT_ONCE], enter=enter)
        following.look_at(index().using(uid), wanted, "event")
        if wanted:
            verb = "added" if enter else "removed"
            audit_record(
                f"segments.members_{verb}",
                actor=actor,
                obj_kind="segment",
                obj_uid=uid,
                after={"number": len(wanted)},
            )
    return Done(len(wanted), len(set(customers)) - len(wanted))


def _write(kept: Kept, customers: list[int], *, enter: bool) -> None:
    uids = dict(select_by_key("SELECT t.id, t.uid FROM customer t WHERE t.id IN {keys}", customers))
    pairs = [(kept.id, customer) for customer in customers]
    write(
        Changes(enter=pairs if enter else [], leave=[] if enter else pairs), [kept], uids, "hand", clock.now()
    )
