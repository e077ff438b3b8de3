"""A site with a field of each kind, facts about customers drawn from edge cases, and rules over all declared traits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from ecrm_server import clock
from ecrm_server.access import SYSTEM, groups
from ecrm_server.customers import custom, fields, organisations, services
from ecrm_server.customers.facts import CUSTOMER, OWN, STAGE_NAMES, Subject
from ecrm_server.customers.fields import Wanted
from ecrm_server.data import Prepared
from ecrm_server.errors import EcrmError
from ecrm_server.identity.testing import make_account
from ecrm_server.kernel.site import Site
from ecrm_server.rules import Trait, TraitSet
from tests.core.rules.drawn import Tree, comparison, trees

Facts = dict[str, Any]

NOON = 1_803_729_600_000
"""27 February 2027, 12:00 UTC: the moment of these tests, before a February without a 29th ends."""
DAYS = (0, 1, 2, 30, 364, 365, 366, 900)
TEXTS = (
    "Ann", "ANN", "anna", "Änne", "ÄNNE", "straße", "STRASSE", "100%", "1000", "a_b", "axb", "!", "İpek", "ﬁne",
    "日本", "'; --", " O'Neil  & Sons ",
)  # fmt: skip
DATES = (
    "2000-02-29",
    "1999-02-28",
    "1980-03-01",
    "1975-12-31",
    "2027-02-27",
    "2027-02-26",
    "2027-02-28",
    "2026-02-27",
)
TIMES = (
    0,
    -1,
    *(NOON + sign * days * clock.DAY + off for days in DAYS for sign in (1, -1) for off in (-1, 0, 1)),
)
NUMBERS, INTEGERS = (0, 0.5, -1.25, 2, 2.0000001, 1e15, -0.0), (0, 1, -1, 2, 10**14)
AMOUNTS, CHOICES, TAGS = (
    (0, 1, -250, 1250, 10**12),
    ("gold", "silver", "tin"),
    ("vip", "o'neil", "ä", "press"),
)
EMAILS, PHONES = (
    ("ann@x.example", "Ann@X.example", "bo@ä.example"),
    ("+49 30 1234567", "030 1234567", "555 0100 ext 7"),
)

_OF_KIND: dict[str, tuple[Any, ...]] = {
    "text": TEXTS, "long": TEXTS, "number": NUMBERS, "integer": INTEGERS, "money": AMOUNTS,
    "boolean": (True, False), "date": DATES, "time": TIMES, "choice": CHOICES,
}  # fmt: skip
_OF_FACT: dict[str, tuple[Any, ...]] = {
    "number": ("1", "2", "K3"), "email": EMAILS, "phone": PHONES, "country": ("DE", "FR", "AT"),
    "language": ("de", "en"), "stage": tuple(STAGE_NAMES), "source": ("fair", "Fair"), "kind": ("customer", "partner"),
    "website": ("cogs.example",), "birthday": DATES,
}  # fmt: skip
NEEDED = ("name", "stage", "kind")


@dataclass(frozen=True)
class World:
    """What facts may name: staff by their profiles, groups, and the names of custom fields by kind."""

    staff: tuple[str, ...]
    teams: tuple[str, ...]
    custom: dict[str, str]


def prepare(site: Site, subject: Subject = CUSTOMER) -> World:
    """Make staff, groups and a field of each kind."""
    staff = tuple(make_account(name, roles=("staff",)).profile_uid for name in ("Stella", "Stan"))
    teams = tuple(groups.create_group(SYSTEM, name) for name in ("North", "South"))
    made = {}
    for kind in custom.KINDS:
        choices = "\n".join(CHOICES) if kind.startswith("choice") else ""
        made[kind] = fields.add(SYSTEM, subject, Wanted(title=f"My {kind}", kind=kind, choices=choices))
    site.dispatcher.refresh(wait=True)
    return World(staff, teams, made)


def facts(world: World, subject: Subject = CUSTOMER) -> st.SearchStrategy[Facts]:
    """Some facts, own and custom, empty ones among them."""
    given = _OF_FACT | {"owner": world.staff, "team": world.teams}
    wanted: dict[str, st.SearchStrategy[Any]] = {}
    for fact in OWN[subject.name]:
        one = st.sampled_from(given.get(fact.name, TEXTS))
        wanted[fact.name] = one if fact.name in NEEDED else one | st.none()
    for kind, name in world.custom.items():
        wanted[name] = st.sampled_from(_OF_KIND.get(kind, ("",))) | st.none()
    wanted[world.custom["choices"]] = st.lists(st.sampled_from(CHOICES), unique=True)
    wanted["tags"] = st.lists(st.sampled_from(TAGS), unique=True)
    return st.fixed_dictionaries({"name": wanted.pop("name")}, optional=wanted)


def make(subject: Subject, values: Facts) -> str | None:
    """A customer or organisation with these facts; None where its number is taken."""
    create: Callable[..., str] = services.create if subject is CUSTOMER else organisations.create
    try:
        return create(SYSTEM, **values)
    except EcrmError:
        return None


def rules(
    world: World, known: TraitSet, leaf: st.SearchStrategy[Tree] | None = None
) -> st.SearchStrategy[Tree]:
    """Rules over all traits of the kind. leaf: further conditions."""
    own = st.sampled_from(list(known)).flatmap(lambda trait: comparison(trait, values(world, trait), DAYS))
    return trees(own if leaf is None else own | leaf)


def values(world: World, trait: Trait) -> st.SearchStrategy[Any]:
    """What a rule may compare a trait with."""
    fact = trait.name.partition(".")[2]
    if trait.kind == "money":
        return st.sampled_from([{"amount": amount, "currency": trait.currency} for amount in AMOUNTS])
    if trait.kind in ("choice", "set"):
        known = _OF_FACT | {"owner": world.staff, "team": world.teams, "tags": TAGS}
        return st.sampled_from(known.get(fact, CHOICES))
    return st.sampled_from(_OF_FACT[fact] if fact in ("email", "phone", "birthday") else _OF_KIND[trait.kind])


def clear(*tables: str) -> None:
    """Take away what the example before made."""
    for table in tables:
        Prepared(f"DELETE FROM {table}").run()
