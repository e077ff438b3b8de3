"""What rules can ask about customers and organisations: each fact of theirs, own or custom, and a few things more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.customers import people
from ecrm_server.customers.custom import all_facts
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Fact, Subject
from ecrm_server.customers.visibility import PRESENT, hidden, scope, sees_all
from ecrm_server.customers.words import COUNTRY_NAMES, Named
from ecrm_server.rules import Expression, Join, Members, Trait
from ecrm_server.rules.catalogue import Subjects, Traits, stored

STAFF = Named(lambda: people.staff(SYSTEM))
TEAMS = Named(people.teams)

JOINS = (
    Join("customers_owner", "profile w ON w.account_id = t.owner_id"),
    Join("customers_team", "account_group g ON g.id = t.team_id"),
)
_ORGANISATION = Join("customers_organisation", "organisation o ON o.id = t.organisation_id")
_NAMES: Mapping[str, tuple[Expression, Mapping[str, str]]] = {
    "owner": (Expression("w.uid", joins=("customers_owner",)), STAFF),
    "team": (Expression("g.uid", joins=("customers_team",)), TEAMS),
}
_EVENTS = {
    "customer": ("customers.created", "customers.changed", "customers.merged", "customers.unmerged"),
    "organisation": (
        "customers.organisation_created", "customers.organisation_changed", "customers.organisations_merged",
        "customers.organisations_unmerged",
    ),
}  # fmt: skip
_MEMBERSHIP = ("customers.member_added", "customers.member_removed")


def of(subject: Subject) -> Callable[[], Sequence[Trait]]:
    """The function that gives the traits of customers or organisations with the custom fields in force."""

    def traits() -> Sequence[Trait]:
        found = [trait_of(subject, fact) for fact in all_facts(subject.name).values()]
        return [trait for trait in found if trait is not None] + list(_FURTHER[subject.name])

    return traits


def name_of(subject: Subject, fact: str) -> str:
    """The name of the trait of a fact: ``customers.city``, ``organisations.x_size``."""
    return f"{subject.name}s.{fact}"


def trait_of(subject: Subject, fact: Fact) -> Trait | None:
    """The trait of a fact; None for those that nobody asks by: street, postcode, region, website."""
    name, events = name_of(subject, fact.name), _EVENTS[subject.name]
    if fact.kind == "set":
        return stored(name, fact.title, "set", _members(subject, fact), choices=fact.choices, events=events)
    if not fact.columns or (fact.kind == "text" and f"{fact.columns[0]}_key" not in fact.columns):
        return None
    if fact.name in _NAMES:
        sql, choices = _NAMES[fact.name]
        return stored(name, fact.title, "choice", sql, choices=choices, events=(*events, "customers.let_go"))
    columns = [Expression(f"t.{column}") for column in fact.columns]
    # The key of a phone number is for finding people; a rule compares what was written, which is its own name_key.
    key = columns[0] if fact.name == "phone" or len(columns) == 1 else columns[1]
    trait = stored(
        name, fact.title, fact.kind, key, choices=COUNTRY_NAMES if fact.name == "country" else fact.choices,
        currency=fact.currency, events=events,
    )  # fmt: skip
    return replace(trait, shown=columns[0]) if fact.kind == "text" else trait


def _members(subject: Subject, fact: Fact) -> Members:
    if not fact.custom:
        return Members(f"{subject.table}_tag x WHERE x.{subject.column} = t.id", "x.tag")
    return Members(
        f"custom_choice x WHERE x.{subject.column} = t.id AND x.field_id = ?", "x.choice", (fact.field_id,)
    )


def _shared(subject: Subject) -> list[Trait]:
    events = _EVENTS[subject.name]
    logged = f"SELECT MAX(a.at) FROM activity a WHERE a.{subject.column} = t.id"
    lost = "SELECT 1 FROM received_mail r WHERE r.activity_id = a.id AND r.nature <> 'answer'"
    talked = f"{logged} AND a.kind IN ('call', 'meeting', 'mail') AND NOT EXISTS ({lost})"
    told = (*events, "customers.logged")
    return [
        stored(
            name_of(subject, "last_call"), "Last call", "time", Expression(f"{logged} AND a.kind = 'call'"),
            events=told,
        ),
        stored(name_of(subject, "last_contact"), "Last contact", "time", Expression(talked), events=told),
        stored(name_of(subject, "created_at"), "Added", "time", Expression("t.created_at"), events=events),
        stored(
            name_of(subject, "updated_at"), "Last changed", "time", Expression("t.updated_at"), events=events
        ),
    ]  # fmt: skip


_FURTHER: Mapping[str, Sequence[Trait]] = {
    "customer": [
        *_shared(CUSTOMER),
        stored(
            "customers.has_account", "Has an account", "boolean", Expression("t.account_id IS NOT NULL"),
            events=(*_EVENTS["customer"], "identity.registered"),
        ),
        stored(
            "customers.email_known", "E-mail is known", "boolean", Expression("t.email_key IS NOT NULL"),
            events=_EVENTS["customer"],
        ),
        stored(
            "customers.phone_known", "Phone is known", "boolean", Expression("t.phone_key IS NOT NULL"),
            events=_EVENTS["customer"],
        ),
        stored(
            "customers.organisation", "Organisation", "text",
            Expression("o.name_key", joins=("customers_organisation",)),
            shown=Expression("o.name", joins=("customers_organisation",)),
            events=(*_EVENTS["customer"], *_MEMBERSHIP, *_EVENTS["organisation"][1:]),
        ),
    ],
    "organisation": [
        *_shared(ORGANISATION),
        stored(
            "organisations.people", "Number of people", "integer",
            Expression("SELECT COUNT(*) FROM membership m WHERE m.organisation_id = t.id"),
            events=(*_EVENTS["organisation"], *_MEMBERSHIP),
        ),
    ],
}  # fmt: skip


def kept_from(subject: Subject) -> Callable[[Actor], set[str]]:
    """The function that names the traits of facts which an actor may not read, and of what gives them away."""

    def names(actor: Actor) -> set[str]:
        facts = hidden(actor, subject)
        kept = {name_of(subject, name) for fact in facts for name in (fact, f"{fact}_known")}
        return kept if sees_all(actor) else kept | {_OF_THE_OTHERS[subject.name]}

    return names


_OF_THE_OTHERS = {"customer": "customers.organisation", "organisation": "organisations.people"}
"""Traits that tell of the other side of memberships, of which not everybody sees all."""


ALL = [
    Traits(
        kind="customer", traits=of(CUSTOMER), joins=(*JOINS, _ORGANISATION),
        subjects=Subjects(
            name="customer", title="Customers", table="customer", present=PRESENT, scope=scope,
            hidden=kept_from(CUSTOMER), events=("customers.created", "customers.merged", "customers.unmerged"),
        ),
    ),
    Traits(
        kind="organisation", traits=of(ORGANISATION), joins=JOINS,
        subjects=Subjects(
            name="organisation", title="Organisations", table="organisation", present=PRESENT, scope=scope,
            hidden=kept_from(ORGANISATION),
            events=(
                "customers.organisation_created", "customers.organisations_merged", "customers.organisations_unmerged",
            ),
        ),
    ),
]  # fmt: skip
