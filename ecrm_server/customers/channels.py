"""The live page of a customer."""

from __future__ import annotations

from collections.abc import Iterable

from ecrm_server.access import Actor
from ecrm_server.customers.services import READ
from ecrm_server.data import Prepared
from ecrm_server.events import Delivered
from ecrm_server.realtime import Channel

_EXISTS = Prepared("SELECT 1 FROM customer WHERE uid = ?")


def _may_join(actor: Actor, ref: str) -> bool:
    return actor.may(READ) and _EXISTS.value(ref) is not None


def _customer(event: Delivered) -> Iterable[str]:
    return (event.customer,)


CUSTOMER = Channel(
    "customers.customer",
    _may_join,
    dict.fromkeys(
        ("customers.touched", "customers.changed", "customers.member_added", "customers.member_removed"),
        _customer,
    ),
)
