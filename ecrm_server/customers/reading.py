"""One customer or organisation as it is read: own and custom facts, the names behind keys, and only what is visible."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.customers import visibility
from ecrm_server.customers.custom import in_force
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.customers.visibility import EVERY_ROW
from ecrm_server.data import Prepared
from ecrm_server.errors import NotFound
from ecrm_server.rules import Expression

_SHARED = (
    "t.id, t.uid, t.name, t.number, t.email, t.phone, t.city, t.country, t.language, t.source, t.stage, t.owner_id,"
    " t.team_id, t.created_at, t.updated_at, t.version, t.demo, t.merged_into_id, w.uid AS owner_uid,"
    " w.name AS owner_name, g.uid AS team_uid, g.name AS team_name"
)
_NAMES = " LEFT JOIN profile w ON w.account_id = t.owner_id LEFT JOIN account_group g ON g.id = t.team_id"
_COLUMNS = {
    "customer": f"{_SHARED}, t.birthday, t.account_id, t.organisation_id, o.uid AS organisation_uid,"
    " o.name AS organisation_name, p.id AS profile_id, p.uid AS profile_uid, p.handle, p.avatar, a.uid AS account_uid,"
    " a.last_seen_at",
    "organisation": f"{_SHARED}, t.slug, t.kind, t.tax_number, t.website",
}
_FROM = {
    "customer": f"customer t LEFT JOIN organisation o ON o.id = t.organisation_id AND {{seen}}{_NAMES}"
    " LEFT JOIN profile p ON p.account_id = t.account_id LEFT JOIN account a ON a.id = t.account_id",
    "organisation": f"organisation t{_NAMES}",
}
_KEPT = {
    name: Prepared(f"SELECT k.uid FROM {name} t JOIN {name} k ON k.id = t.merged_into_id WHERE t.uid = ?")
    for name in ("customer", "organisation")
}


def select(subject: Subject, actor: Actor = SYSTEM) -> Expression:
    """SELECT and FROM for rows called ``t``, custom columns included. An organisation that the actor does not see is
    not named."""
    custom = [fact.columns[0] for fact in in_force().facts.get(subject.name, ()) if fact.columns]
    further = "".join(f", t.{column}" for column in custom)
    seen = visibility.scope(actor, "o") if subject is CUSTOMER else EVERY_ROW
    source = _FROM[subject.name].format(seen=seen.text)
    return Expression(f"SELECT {_COLUMNS[subject.name]}{further} FROM {source}", seen.params)


@functools.lru_cache(maxsize=256)
def prepared(sql: str) -> Prepared:
    """A statement whose text depends on the custom fields and on who asks."""
    return Prepared(sql)


@functools.lru_cache(maxsize=16)
def prepared_lock(sql: str) -> Prepared:
    """The same, for rows that stay as they are until the transaction ends."""
    return Prepared(sql, lock=True)


def find(subject: Subject, uid: str) -> dict[str, Any] | None:
    """A row by its public id, whoever asks; None when there is none. A merged one gives what it was merged into."""
    for _ in range(20):
        selected = select(subject)
        row = prepared(f"{selected.text} WHERE t.uid = ?").row(*selected.params, uid)
        if row is None or row["merged_into_id"] is None:
            return row
        uid = str(kept(subject, uid))
    return None


def kept(subject: Subject, uid: str) -> str | None:
    """The public id of what a row was merged into; None for one that stands for itself."""
    found = _KEPT[subject.name].value(uid)
    return None if found is None else str(found)


def one(actor: Actor, subject: Subject, uid: str) -> dict[str, Any]:
    """A row as the actor may see it. Raises NotFound for what the actor may not, as for what does not exist."""
    condition = visibility.scope(actor)
    seen = f"(t.merged_into_id IS NOT NULL OR {condition.text})"
    selected = select(subject, actor)
    row = prepared(f"{selected.text} WHERE t.uid = ? AND {seen}").row(*selected.params, uid, *condition.params)
    if row is None:
        raise NotFound()
    if row["merged_into_id"] is not None:  # who may see what it became may follow its old address
        return one(actor, subject, str(kept(subject, uid)))
    return visibility.without_hidden(actor, subject, row)


def many(actor: Actor, subject: Subject, uids: Sequence[str]) -> list[dict[str, Any]]:
    """Rows by their public ids, in this order, as the actor may see them; those that the actor may not are left out."""
    if not uids:
        return []
    condition, marks = visibility.scope(actor), ", ".join("?" * len(uids))
    selected = select(subject, actor)
    sql = f"{selected.text} WHERE t.uid IN ({marks}) AND {condition.text}"
    found = {row["uid"]: row for row in prepared(sql).rows(*selected.params, *uids, *condition.params)}
    return [visibility.without_hidden(actor, subject, found[uid]) for uid in uids if uid in found]


def customer(actor: Actor, uid: str) -> dict[str, Any]:
    """A customer as the actor may see it; see :func:`one`."""
    return one(actor, CUSTOMER, uid)


def organisation(actor: Actor, uid: str) -> dict[str, Any]:
    """An organisation as the actor may see it; see :func:`one`."""
    return one(actor, ORGANISATION, uid)
