"""Customers and organisations are made and changed by one rule; what is special to each stands in its own service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ecrm_server import ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.content import names
from ecrm_server.customers import reading, rows, telling, visibility
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.customers.visibility import EDIT
from ecrm_server.data import Prepared, transaction

OF_THE_ACCOUNT = frozenset({"name", "email"})
"""Facts that one with an account changes there, and nobody else."""

_DEFAULTS: Mapping[str, dict[str, Any]] = {
    "customer": {"stage": "lead"},
    "organisation": {"stage": "customer", "kind": "customer"},
}
_SLUG = Prepared("SELECT 1 FROM organisation WHERE slug = ?")


def make(actor: Actor, subject: Subject, facts: Mapping[str, Any], *, demo: bool = False) -> str:
    """Make one with facts by name (see ``facts.OWN``). Returns its public id.

    Raises Refusal with a sentence for each fault, Conflict for a number that is taken.
    """
    require(actor, EDIT)
    values = {**_DEFAULTS[subject.name], **facts}
    # A new one has a name and a kind, whoever may change them later.
    visibility.require_editable(actor, subject, facts.keys() - {"name", "kind"})
    checked = rows.check(subject, values)
    uid = ids.public_id()
    with _naming(actor, subject, checked), transaction():
        own = {"slug": _free_slug(checked.columns["name"], uid)} if subject is ORGANISATION else {}
        rows.insert(subject, checked, uid=uid, demo=demo, **own)
        telling.tell(actor, subject, uid, telling.created(subject, uid), after=values)
    return uid


@contextmanager
def _naming(actor: Actor, subject: Subject, checked: rows.Checked) -> Iterator[None]:
    """Say who has a number already, as far as the actor sees who that is."""
    try:
        yield
    except rows.NumberTaken as error:
        seen = visibility.scope(actor)
        sql = f"SELECT t.name FROM {subject.table} t WHERE t.number_key = ? AND {seen.text}"
        name = reading.prepared(sql).value(checked.columns["number_key"], *seen.params)
        raise rows.NumberTaken(name or "") from error


def _free_slug(name: str, uid: str) -> str:
    """A slug that nobody has: two firms may well have one name."""
    slug = names.slugify(name, fallback="organisation")
    return slug if _SLUG.value(slug) is None else f"{slug[:60]}-{uid.lower()}"


def change(actor: Actor, subject: Subject, uid: str, version: int | None, values: Mapping[str, Any]) -> int:
    """Change facts by name; those that are not given stay. Returns the new version.

    Name and e-mail address of one with an account stay the account's. version: the one that the editor saw; raises
    Conflict when somebody else changed the row since.
    """
    require(actor, EDIT)
    row = reading.one(actor, subject, uid)
    if subject is CUSTOMER and row["account_id"] is not None:
        values = {name: value for name, value in values.items() if name not in OF_THE_ACCOUNT}
    visibility.require_editable(actor, subject, values)
    checked = rows.check(subject, values)
    with _naming(actor, subject, checked), transaction():
        saved = rows.save(subject, row["id"], checked, version)
        if saved.after:
            event = telling.changed(subject, row["uid"], sorted(saved.after))
            telling.tell(actor, subject, row["uid"], event, before=saved.before, after=saved.after)
    return saved.version
