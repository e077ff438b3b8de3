"""The page of a customer of whom much is known, among a million."""

from __future__ import annotations

from collections.abc import Iterator

from ecrm_server import clock
from ecrm_server.access import SYSTEM, Actor
from ecrm_server.bench import (
    MILLION,
    Bench,
    Figure,
    Load,
    Site,
    at_most,
    cookie_of,
    get,
    machine,
    member,
    opened,
    reported,
    run_load,
)
from ecrm_server.bench.cases import bundled, tell_of_customer
from ecrm_server.customers import activities, contacts, organisations, plans, services
from ecrm_server.customers.activities import Wanted
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.data import Prepared

LIMIT = 60
"""Milliseconds."""
SECONDS = 6.0
LOGGED = 500
_BY_UID = Prepared("SELECT id FROM customer WHERE uid = ?")


def page(bench: Bench) -> Iterator[Figure]:
    """What staff wait for when they open a customer: one with a long history, and any other."""
    instance = MILLION.copy(bench, "customers-page")
    with opened(instance, *bundled()):
        staff = member("Reader", "staff")
        rich, cookie = _known_well(staff), cookie_of(staff)
    with Site(instance, core=machine.server_core()) as site:
        site.settle()
        for name, paths in (("much is known", [f"/customers/{rich}"]), ("little is known", _plain())):
            requests = [get(path, cookie=cookie) for path in paths]
            run_load(Load(site.port, requests, seconds=3, connections=1))
            before = site.cpu_seconds()
            result = run_load(Load(site.port, requests, seconds=SECONDS, connections=1, warm_up=0))
            assert not result.failed, result.statuses
            spent = (site.cpu_seconds() - before) / result.answers * 1000
            detail = f"{result.answers} whole requests; median {result.percentile(50):.0f}, {spent:.0f} ms of CPU"
            title, took = f"customer of whom {name}, 95%", result.percentile(95)
            if name == "much is known":
                yield at_most(title, took, "ms", LIMIT, detail=detail)
            else:
                yield reported(title, took, "ms", detail=detail)


def _plain() -> list[str]:
    return [f"/customers/b{number * 7919}" for number in range(1, 41)]


def _known_well(staff: Actor) -> str:
    """Somebody with an account, a long log, several addresses, firms with plans, and what the plugins know."""
    person = member("Regular")
    assert person.account_id is not None
    uid = services.for_account(person.account_id)
    assert uid is not None
    services.change(
        SYSTEM, uid, tags="vip, newsletter, trade, club", phone="+49 30 1234567", city="Berlin", country="DE",
        x_score=7, x_plan="pro", x_renewal="2027-01-31", x_contract="K7",
    )  # fmt: skip
    kinds = ("note", "call", "meeting", "task")
    for number in range(LOGGED):
        text = f"Talked about **{number}** things.\n\n- the order\n- the repair\n\n> as agreed"
        at = clock.now() - number * 7 * clock.HOUR
        activities.log(
            staff, CUSTOMER, uid,
            Wanted(kind=kinds[number % 4], subject=f"Subject {number}", text=text, at=at, pinned=number % 100 == 0),
        )  # fmt: skip
    for number in range(8):
        contacts.add_point(SYSTEM, CUSTOMER, uid, kind="email", value=f"regular{number}@further.example")
        contacts.add_point(SYSTEM, CUSTOMER, uid, kind="phone", value=f"+49 40 99887{number}")
        contacts.add_address(SYSTEM, CUSTOMER, uid, street=f"Street {number}", postcode="10115", city="Berlin")
    for number in range(4):
        firm = organisations.create(SYSTEM, f"Firm {number}")
        organisations.add_member(SYSTEM, firm, uid)
        plan = plans.create(SYSTEM, firm, plans.Wanted(title=f"Plan {number}"))
        for step in range(5):
            plans.add_step(SYSTEM, firm, plan, title=f"Step {step}")
    tell_of_customer(int(_BY_UID.value(uid)), person.account_id)
    return uid
