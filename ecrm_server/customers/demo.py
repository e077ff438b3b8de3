"""The demo company's people: invented, and marked as demo in a column of their own."""

from __future__ import annotations

from flask_babel import ngettext

from ecrm_server.access import SYSTEM
from ecrm_server.customers import organisations, services
from ecrm_server.data import Prepared
from ecrm_server.identity import demo as identity_demo

COMPANIES = (
    (
        "Harbour Bicycles", "customer", {"city": "Hamburg", "country": "DE"},
        (("Mara Lindqvist", "advocate", "admin"), ("Tomasz Wrona", "customer", "member")),
    ),
    (
        "Riverside Couriers", "customer", {"city": "Leeds", "country": "GB"},
        (("Ifeoma Adeyemi", "lead", "admin"), ("Luca Ferri", "visitor", "member")),
    ),
    (
        "Northwind Parts", "partner", {"city": "Graz", "country": "AT"},
        (("Priya Raman", "customer", "admin"), ("Jonas Keller", "customer", "member")),
    ),
)  # fmt: skip

_COUNTS = Prepared(
    "SELECT (SELECT COUNT(*) FROM customer WHERE demo) AS customers,"
    " (SELECT COUNT(*) FROM organisation WHERE demo) AS organisations,"
    " (SELECT COUNT(*) FROM activity WHERE customer_id IN (SELECT id FROM customer WHERE demo)"
    " OR organisation_id IN (SELECT id FROM organisation WHERE demo)) AS activities"
)
_REMOVE = (
    Prepared("DELETE FROM customer WHERE demo"),
    Prepared("DELETE FROM organisation WHERE demo"),
)


def load() -> None:
    """Write the companies with their people, and let the demo's own accounts belong to them."""
    made = [_company(*company) for company in COMPANIES]
    for role, company in (("customer", made[0]), ("partner", made[-1])):
        customer = services.for_account(identity_demo.person(role).get_id())
        if customer is not None:
            organisations.add_member(SYSTEM, company, customer)


def _company(name: str, kind: str, place: dict[str, str], people: tuple[tuple[str, str, str], ...]) -> str:
    uid = organisations.create(SYSTEM, name, kind, demo=True, **place)
    domain = f"{name.split(maxsplit=1)[0].lower()}.example"
    for person, stage, role in people:
        email = f"{person.split()[0].lower()}@{domain}"
        customer = services.create(SYSTEM, person, email=email, stage=stage, demo=True, **place)
        organisations.add_member(SYSTEM, uid, customer, role)
    return uid


def describe() -> list[str]:
    """How many of each go, and what was logged about them."""
    counts = _COUNTS.rows()[0]
    customers = ngettext("%(num)d customer of the demo", "%(num)d customers of the demo", counts["customers"])
    organisations = ngettext("%(num)d organisation", "%(num)d organisations", counts["organisations"])
    told = [f"{customers}, {organisations}"] if counts["customers"] or counts["organisations"] else []
    if counts["activities"]:
        told.append(
            ngettext(
                "%(num)d entry that staff logged about them",
                "%(num)d entries that staff logged about them",
                counts["activities"],
            )
        )
    return told


def remove() -> None:
    """Remove the demo's organisations and customers with their memberships, those that visitors added included."""
    for statement in _REMOVE:
        statement.run()
