"""The lists of customers and of organisations, on the one list engine: a column for each fact, own or custom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.customers import fields, tagging, visibility
from ecrm_server.customers.changing import OF_THE_ACCOUNT, change
from ecrm_server.customers.custom import all_facts, in_force
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, STAGE_NAMES, Fact, Subject
from ecrm_server.customers.reading import one
from ecrm_server.customers.traits import STAFF, TEAMS, name_of, trait_of
from ecrm_server.customers.visibility import EDIT, PRESENT, READ_OWN
from ecrm_server.errors import Conflict, NotFound, Refusal
from ecrm_server.lists.indexes import index_name, index_on
from ecrm_server.lists.kind import BulkAction, Column, Edit, ListKind
from ecrm_server.rules import Expression
from ecrm_server.rules.catalogue import find_segment, trait_set

EXPORT = "customers.export"
SHOWN = {
    "customer": ("name", "stage", "organisation", "email", "owner", "created_at"),
    "organisation": ("name", "kind", "stage", "country", "owner", "people", "created_at"),
}
"""The columns that stand in a list until somebody chooses others, in this order: they fit a window of 1,280 pixels."""
_STAGE_COLOURS = {"lead": "info", "customer": "success", "advocate": "accent", "lapsed": "warning"}
_SHOWS = {"stage": "badge", "email": "email", "number": "code", "tax_number": "code", "owner": "person"}
_INDEXED = frozenset({"name", "number", "email", "stage", "created_at", "updated_at", "tax_number"})
_INDEXABLE = {
    "phone": "phone", "city": "city_key", "country": "country", "birthday": "birthday", "language": "language",
    "source": "source",
}  # fmt: skip
"""Name -> column for which an admin may have an index built."""


def _columns(subject: Subject) -> Callable[[Actor], Sequence[Column]]:
    def columns(actor: Actor) -> Sequence[Column]:
        hidden, fixed = visibility.hidden(actor, subject), visibility.fixed(actor, subject)
        found = [
            _column(subject, fact, editable=fact.name not in fixed)
            for fact in all_facts(subject.name).values()
            if fact.name not in hidden and trait_of(subject, fact) is not None
        ]
        every = [*found, *_FURTHER[subject.name](actor, hidden)]
        shown = SHOWN[subject.name]
        return sorted(
            every, key=lambda column: shown.index(column.key) if column.key in shown else len(shown)
        )

    return columns


def _column(subject: Subject, fact: Fact, *, editable: bool) -> Column:
    shown = _SHOWS.get(fact.name, "long" if fact.widget == "textarea" else "")
    if fact.name == "name":
        shown = "person" if subject is CUSTOMER else "organisation"
    return Column(
        key=fact.name,
        trait=name_of(subject, fact.name),
        sql=Expression(f"t.{fact.columns[0]}") if fact.kind == "text" else None,
        show=shown,
        colours=_STAGE_COLOURS if fact.name == "stage" else {},
        default=fact.name in SHOWN[subject.name],
        sortable=fact.kind != "set",
        group=fact.kind == "choice" and fact.name not in ("language", "source", "country"),
        indexed=fact.indexed or fact.name in _INDEXED or _has_index(subject, fact.name),
        make_index=_index(subject, fact),
        edit=Edit(permission=EDIT, set=_setter(subject, fact.name)) if editable else None,
    )


def _has_index(subject: Subject, name: str) -> bool:
    """Whether an admin had an index built."""
    return name in _INDEXABLE and index_name(subject.table, _INDEXABLE[name]) in in_force().indexes


def _index(subject: Subject, fact: Fact) -> Callable[[], None] | None:
    if fact.name in _INDEXABLE:
        return index_on(subject.table, _INDEXABLE[fact.name])
    if fact.custom and fact.columns and fact.widget != "textarea" and fact.kind != "boolean":
        return partial(fields.set_indexed, SYSTEM, subject, fact.name, True)
    return None


def _setter(subject: Subject, name: str) -> Callable[[Actor, str, Any, int], int]:
    def set_fact(actor: Actor, uid: str, value: Any, version: int) -> int:
        if (
            subject is CUSTOMER
            and name in OF_THE_ACCOUNT
            and one(actor, subject, uid)["account_id"] is not None
        ):
            raise Refusal("The person changes this in the account.", field=name)
        return change(actor, subject, uid, version, {name: value})

    return set_fact


def _of_customers(actor: Actor, hidden: frozenset[str]) -> list[Column]:
    known = [f"{name}_known" for name in ("email", "phone") if name not in hidden]
    return [
        _organisation_of(actor),
        *_moments(CUSTOMER),
        *(Column(key=name, trait=f"customers.{name}", default=False) for name in ("has_account", *known)),
    ]


def _organisation_of(actor: Actor) -> Column:
    """The main organisation; where the actor sees only some, those are named, and nobody is found by the others."""
    key, name, join = "organisation", "o.name", ("customers_organisation",)
    if visibility.sees_all(actor):
        return Column(key=key, trait="customers.organisation", sql=Expression(name, joins=join))
    seen = visibility.scope(actor, "o")
    sql = Expression(f"CASE WHEN {seen.text} THEN {name} END", seen.params, joins=join)
    return Column(key=key, title="Organisation", sql=sql, sortable=False)


def _of_organisations(actor: Actor, hidden: frozenset[str]) -> list[Column]:
    return [_people_of(actor), *_moments(ORGANISATION)]


def _people_of(actor: Actor) -> Column:
    """How many people belong to it, of those whom the actor sees."""
    key, title = "people", "People"
    if visibility.sees_all(actor):
        return Column(key=key, title=title, trait="organisations.people", sortable=False)
    seen = visibility.scope(actor, "p")
    sql = Expression(
        "SELECT COUNT(*) FROM membership m JOIN customer p ON p.id = m.customer_id"
        f" WHERE m.organisation_id = t.id AND {seen.text}",
        seen.params,
    )
    return Column(key=key, title=title, kind="integer", sql=sql, sortable=False)


def _moments(subject: Subject) -> list[Column]:
    return [
        Column(key=name, trait=name_of(subject, name), default=name == "created_at", indexed=True)
        for name in ("created_at", "updated_at")
    ] + [
        Column(key=name, trait=name_of(subject, name), default=False, sortable=False)
        for name in ("last_contact", "last_call")
    ]


_FURTHER: Mapping[str, Callable[[Actor, frozenset[str]], list[Column]]] = {
    "customer": _of_customers,
    "organisation": _of_organisations,
}


def _scope(actor: Actor) -> Expression:
    seen = visibility.scope(actor)
    return Expression(f"{PRESENT} AND {seen.text}", seen.params)


def _actions(subject: Subject) -> list[BulkAction]:
    wanted: list[tuple[str, str, str, str, Mapping[str, str]]] = [
        ("stage", "Set stage", "flag", "Stage", STAGE_NAMES),
        ("owner", "Give to", "user-check", "Looked after by", STAFF),
        ("team", "Give to a team", "users", "Team", TEAMS),
    ]
    return [
        BulkAction(
            key=fact, title=title, permission=EDIT, icon=icon, ask=ask, choices=partial(_these, choices),
            apply=partial(_apply, subject, fact), undo=partial(_undo, subject, fact),
        )
        for fact, title, icon, ask, choices in wanted
    ] + [
        BulkAction(
            key="tag", title="Tag", permission=EDIT, icon="tag", ask="Tag", read=tagging.read,
            apply=partial(tagging.put_on_many, subject), undo=partial(tagging.turn_back, subject, inside=False),
        ),
        BulkAction(
            key="untag", title="Take a tag off", permission=EDIT, icon="minus", ask="Tag", read=tagging.read,
            apply=partial(tagging.take_off_many, subject), undo=partial(tagging.turn_back, subject, inside=True),
        ),
    ]  # fmt: skip


def _these(choices: Mapping[str, str], actor: Actor) -> Mapping[str, str]:
    return choices


def _apply(subject: Subject, fact: str, actor: Actor, uids: Sequence[str], value: str) -> list[list[Any]]:
    """Set a fact of many; returns (uid, value before, new version) of those that changed."""
    done = []
    for uid in uids:
        row = one(actor, subject, uid)
        before = row[f"{fact}_uid"] if fact in ("owner", "team") else row[fact]
        version = change(actor, subject, uid, None, {fact: value})
        if version != row["version"]:
            done.append([uid, before, version])
    return done


def _undo(subject: Subject, fact: str, actor: Actor, data: Any) -> None:
    """Put back what nobody changed since."""
    for uid, before, version in data:
        try:
            change(actor, subject, uid, version, {fact: before})
        except (Conflict, NotFound):
            continue


def _editor(subject: Subject) -> Expression:
    """Who changed a row last, as the audit log tells."""
    told = f"SELECT e.actor_name FROM audit_entry e WHERE e.obj_kind = '{subject.name}' AND e.obj_uid = t.uid"
    return Expression(f"({told} ORDER BY e.id DESC LIMIT 1)")


def _kind(subject: Subject, noun: str, icon: str, sentence: str, search: Sequence[str]) -> ListKind:
    return ListKind(
        name=f"customers.{subject.name}s", title=subject.title, noun=noun, url=subject.url, permission=READ_OWN,
        traits=lambda: trait_set(subject.name), segment=lambda _, uid: find_segment(subject.name, uid),
        columns=_columns(subject), scope=_scope,
        version=Expression("t.version"), editor=_editor(subject), address=lambda row: f"{subject.url}/{row['uid']}",
        search=[name_of(subject, name) for name in search], sort="name", actions=_actions(subject), icon=icon,
        fields={"demo": Expression("t.demo")}, empty=(f"No {subject.title.lower()} yet", sentence),
        export_permission=EXPORT,
    )  # fmt: skip


ALL = [
    _kind(
        CUSTOMER, "customer", "address-book", "People who register appear here by themselves.",
        ("name", "email", "number"),
    ),
    _kind(ORGANISATION, "organisation", "building", "Add the first one.", ("name", "number", "tax_number")),
]  # fmt: skip
