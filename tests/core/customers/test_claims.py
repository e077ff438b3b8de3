from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import Actor
from ecrm_server.customers import activities, claims, services
from ecrm_server.customers.activities import Wanted
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.data import Prepared
from ecrm_server.errors import Conflict, Forbidden, Refusal
from ecrm_server.identity import invitations

Person = Callable[..., Actor]


def token() -> str:
    text = Prepared("SELECT text FROM mail ORDER BY id DESC").value()
    return re.findall(r"/invitation/(\S+)", text)[0]


def test_who_was_only_a_number_makes_the_account_and_keeps_the_history(person: Person, deliver: Any) -> None:
    staff = person("Stella", "staff")
    uid = services.create(staff, "17850", number="17850", stage="customer", city="Bonn")
    activities.log(staff, CUSTOMER, uid, Wanted(kind="note", text="Pays late"))
    with pytest.raises(Refusal) as refused:
        claims.invite(staff, uid)
    assert refused.value.field == "email"
    claims.invite(staff, uid, "ada@cust.example")
    first = token()
    claims.invite(staff, uid, "ada@cust.example")
    account = invitations.accept(token(), name="Ada", password="correct horse battery")
    deliver()
    row = services.of_account(account.id)
    found = {name: row[name] for name in ("uid", "name", "email", "number", "stage", "city")}
    assert found == {
        "uid": uid, "name": "Ada", "email": "ada@cust.example", "number": "17850", "stage": "customer", "city": "Bonn",
    }  # fmt: skip
    assert Prepared("SELECT COUNT(*) FROM customer WHERE account_id = ?").value(account.id) == 1
    assert first != token()
    with pytest.raises(Refusal):
        claims.invite(staff, uid, "other@cust.example")


def test_an_address_with_an_account_and_strangers_are_refused(person: Person, deliver: Any) -> None:
    staff, ada = person("Stella", "staff"), person("Ada")
    uid = services.create(staff, "17850")
    with pytest.raises(Conflict):
        claims.invite(staff, uid, ada.email)
    with pytest.raises(Forbidden):
        claims.invite(ada, uid, "x@cust.example")


def test_an_ordinary_invitation_makes_a_customer_of_its_own(person: Person, deliver: Any) -> None:
    staff = person("Stella", "staff")
    services.create(staff, "Ada", email="ada@cust.example")
    account = invitations.accept(
        invitations.invite(staff, "ada@cust.example"), name="Ada", password="correct horse battery"
    )
    deliver()
    assert services.of_account(account.id)["source"] == "registration"
