"""Writing the demo's organisations, people, what was logged about them, and plans."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ecrm_server import clock
from ecrm_server.access import SYSTEM, Actor
from ecrm_server.content.names import slugify
from ecrm_server.customers import activities, organisations, plans, services
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.data import Prepared
from ecrm_server.identity import actors
from ecrm_server.identity import demo as identity_demo

_FILE = Path(__file__).resolve().parent / "companies.toml"
_PLACE = ("street", "postcode", "city", "country")
_FACTS = (*_PLACE, "number", "stage", "phone", "language", "tags", "website")
_BELONG = {"customer": 0, "partner": 2}
"""Role of a demo account -> its organisation, by its place in the file."""
_ADDED = {
    table: Prepared(f"UPDATE {table} SET created_at = ? WHERE uid = ?")
    for table in ("customer", "organisation")
}
_JOINED = Prepared(
    "UPDATE membership SET created_at = ? WHERE customer_id = (SELECT id FROM customer WHERE uid = ?)"
)


def load() -> None:
    """Write the companies with their people, and let the demo's own accounts belong to two of them."""
    wanted = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    admin = actors.of_account(identity_demo.person("admin").get_id())
    made = [_company(admin, company) for company in wanted["company"]]
    for person in wanted["person"]:
        _person(admin, person, "post.example")
    for role, index in _BELONG.items():
        customer = services.for_account(identity_demo.person(role).get_id())
        if customer is not None:
            organisations.add_member(SYSTEM, made[index], customer)


def _company(admin: Actor, company: dict[str, Any]) -> str:
    kind = company.get("kind", "customer")
    facts = _facts(admin, company)
    uid = organisations.create(SYSTEM, company["name"], kind, demo=True, **facts)
    _ADDED["organisation"].run(_ago(company["added"]), uid)
    domain = f"{slugify(company['name']).split('-')[0]}.example"
    place = {name: company[name] for name in _PLACE if name in company}
    for person in company["people"]:
        customer = _person(admin, place | person, domain)
        organisations.add_member(SYSTEM, uid, customer, person.get("role", "member"))
        _JOINED.run(_ago(person["added"]), customer)
    if "plan" in company:
        _plan(admin, uid, company["plan"])
    return uid


def _person(admin: Actor, person: dict[str, Any], domain: str) -> str:
    first = person.get("email") or slugify(person["name"]).split("-")[0]
    facts = _facts(admin, person) | {"email": f"{first}@{domain}"}
    if "birthday" in person:
        ahead, year = person["birthday"]
        facts["birthday"] = _birthday(ahead, year)
    uid = services.create(SYSTEM, person["name"], demo=True, **facts)
    _ADDED["customer"].run(_ago(person["added"]), uid)
    for entry in person.get("log", ()):
        _log(admin, uid, entry)
    return uid


def _facts(admin: Actor, item: dict[str, Any]) -> dict[str, Any]:
    facts = {name: item[name] for name in _FACTS if name in item}
    return facts | {"owner": admin.uid} if item.get("by") else facts


def _log(admin: Actor, customer: str, entry: dict[str, Any]) -> None:
    ahead = entry.get("due")
    wanted = activities.Wanted(
        kind=entry["kind"], subject=entry.get("subject", ""), text=entry["text"],
        at=_ago(entry["logged"]) if "logged" in entry else None, minutes=entry.get("minutes"),
        due_at=None if ahead is None else _ago(-ahead), pinned=entry.get("pinned", False),
    )  # fmt: skip
    activities.log(admin, CUSTOMER, customer, wanted)


def _plan(admin: Actor, organisation: str, plan: dict[str, Any]) -> None:
    review = _day(plan["review"])
    wanted = plans.Wanted(title=plan["title"], goal=plan["goal"], owner=admin.uid, review_on=review)
    uid = plans.create(admin, organisation, wanted)
    for item in plan["steps"]:
        step = plans.add_step(
            admin, organisation, uid, title=item["title"], owner=admin.uid, due_on=_day(item["due"])
        )
        if item.get("done"):
            plans.finish_step(admin, organisation, uid, step, done=True)


def _ago(days: float) -> int:
    return clock.now() - int(days * clock.DAY)


def _today() -> date:
    return datetime.fromtimestamp(clock.now() / 1000, UTC).date()


def _day(ahead: int) -> str:
    return (_today() + timedelta(days=ahead)).isoformat()


def _birthday(ahead: int, year: int) -> str:
    """A birthday in that year, whose anniversary is so many days ahead."""
    coming = _today() + timedelta(days=ahead)
    return f"{year}-{coming.month:02}-{min(coming.day, 28):02}"
