"""The live page of a customer."""

from __future__ import annotations

from collections.abc import Iterable

from ecrm_server.access import Actor
from ecrm_server.customers import reading
from ecrm_server.errors import NotFound
from ecrm_server.events import Delivered
from ecrm_server.realtime import Channel


def _may_join(actor: Actor, ref: str) -> bool:
    try:
        reading.customer(actor, ref)
    except NotFound:
        return False
    return True


def _customer(event: Delivered) -> Iterable[str]:
    return (event.customer,)


def _logged_customer(event: Delivered) -> Iterable[str]:
    return (event.customer,) if event.customer else ()


def _logged_organisation(event: Delivered) -> Iterable[str]:
    return (event.organisation,) if event.organisation else ()


def _organisation(event: Delivered) -> Iterable[str]:
    return (event.organisation,)


def _may_join_organisation(actor: Actor, ref: str) -> bool:
    try:
        reading.organisation(actor, ref)
    except NotFound:
        return False
    return True


CUSTOMER = Channel(
    "customers.customer",
    _may_join,
    dict.fromkeys(
        ("customers.touched", "customers.changed", "customers.member_added", "customers.member_removed"),
        _customer,
    )
    | {"customers.logged": _logged_customer},
)
ORGANISATION = Channel(
    "customers.organisation",
    _may_join_organisation,
    {
        "customers.organisation_changed": _organisation,
        "customers.member_added": _organisation,
        "customers.member_removed": _organisation,
        "customers.plan_changed": _organisation,
        "customers.logged": _logged_organisation,
    },
)
