from __future__ import annotations

from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.customers import facts, fields, services
from ecrm_server.customers.fields import Wanted
from ecrm_server.identity import apikeys
from ecrm_server.identity.testing import actor_of, make_account

SCOPES = ["customers.read", "customers.edit", "customers.merge"]


@pytest.fixture
def program(site: Any, visitor: Any) -> Any:
    """``program("POST", "/customers", {...})``: a program with the key of somebody of the staff."""
    key = apikeys.create(actor_of(make_account("Stella", roles=("staff",))), "shop", SCOPES)

    def ask(method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {key}"}
        address = {"base_url": site.config.base_url, "headers": headers}
        return visitor.client.open(f"/api/v1/customers{path}", method=method, json=body, **address)

    return ask


def test_a_program_makes_reads_changes_and_finds_customers(site: Any, program: Any) -> None:
    name = fields.add(SYSTEM, facts.CUSTOMER, Wanted(title="Shoe size", kind="integer"))
    site.dispatcher.refresh(wait=True)
    body = {"name": "Bo", "number": "7", "city": "Köln", "tags": ["vip"], "custom": {name: 42}}
    made = program("POST", "/customers", body)
    assert made.status_code == 201, made.text
    told = made.get_json()
    assert {key: told[key] for key in (*body, "version", "account")} == body | {
        "version": 1,
        "account": False,
    }
    path = f"/customers/{told['uid']}"
    assert program("PATCH", path, {"city": "Bonn", "version": 1}).get_json()["version"] == 2
    assert program("PATCH", path, {"city": "Mainz", "version": 1}).status_code == 409
    assert program("PATCH", path, {"role": "admin"}).status_code == 422
    assert program("PATCH", path, {"custom": {"x_none": 1}}).status_code == 422
    assert [item["uid"] for item in program("GET", "/customers?q=bo").get_json()["items"]] == [told["uid"]]
    assert program("POST", f"{path}/activities", {"kind": "note", "text": "Hello"}).status_code == 201
    assert program("GET", "/customers/nobody").status_code == 404


def test_pages_follow_each_other(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecrm_server.customers.listing.PAGE", 1)
    for name in ("Al", "Bo"):
        services.create(SYSTEM, name)
    first = program("GET", "/customers?q=l").get_json()
    assert [item["name"] for item in first["items"]] == ["Al"]
    seen, path = [], "/customers"
    while path:
        answer = program("GET", path).get_json()
        seen += [item["name"] for item in answer["items"]]
        path = (answer["next"] or "").removeprefix("/api/v1/customers")
    assert seen[:2] == ["Al", "Bo"]


def test_a_program_merges_and_makes_organisations(program: Any) -> None:
    kept, merged = services.create(SYSTEM, "Bo"), services.create(SYSTEM, "Bob")
    assert program("POST", f"/customers/{kept}/merge", {"merged": merged}).status_code == 201
    assert program("GET", f"/customers/{merged}").get_json()["uid"] == kept
    made = program("POST", "/organisations", {"name": "Cogs", "kind": "partner"}).get_json()
    assert (
        program("PATCH", f"/organisations/{made['uid']}", {"website": "cogs.example"}).get_json()["website"]
        == "https://cogs.example"
    )
