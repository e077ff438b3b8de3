from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.customers import facts, fields, organisations, paging, reading, services
from ecrm_server.customers.fields import Wanted
from ecrm_server.data import Prepared
from ecrm_server.errors import Conflict, Forbidden, Refusal
from ecrm_server.rules import parse, query
from ecrm_server.rules.catalogue import load, trait_set

Person = Callable[..., Actor]
KINDS: list[tuple[str, Any, Any]] = [
    ("text", " Große  Halle ", "Große Halle"), ("long", "a\nb", "a\nb"), ("number", "2,5", 2.5), ("integer", "-7", -7),
    ("money", "12.50", 1250), ("boolean", "yes", True), ("date", "2026-02-28", "2026-02-28"),
    ("time", "2026-03-31T14:30", 1774967400000), ("choice", "gold", "gold"),
]  # fmt: skip


@pytest.fixture
def admin(person: Person) -> Actor:
    return person("Ada Min", "admin")


@pytest.fixture
def add(admin: Actor, site: Any) -> Callable[..., str]:
    """``add("Size", "number")``: a field of customers in force."""

    def make(title: str, kind: str, subject: facts.Subject = facts.CUSTOMER, **more: Any) -> str:
        choices = "gold: Gold\nSilver" if kind in ("choice", "choices") else ""
        name = fields.add(admin, subject, Wanted(title=title, kind=kind, choices=choices, **more))
        site.dispatcher.refresh(wait=True)
        return name

    return make


def test_each_kind_is_stored_searched_and_changed(admin: Actor, add: Callable[..., str]) -> None:
    names = {kind: add(f"My {kind}", kind) for kind, _, _ in KINDS}
    uid = services.create(admin, "Bo", **{names[kind]: given for kind, given, _ in KINDS})
    row = reading.customer(admin, uid)
    assert {kind: row[names[kind]] for kind in names} == {kind: stored for kind, _, stored in KINDS}
    known = trait_set("customer")
    assert {f"customers.{name}" for name in names.values()} <= {trait.name for trait in known}
    rule = parse({"trait": "customers.x_my_text", "op": "contains", "value": "GROSSE"}, known)
    text, params = query(rule, clock.now(), "t.uid")
    assert Prepared(text).tuples(*params) == [(uid,)]
    services.change(admin, uid, **dict.fromkeys(names.values(), ""))
    assert all(reading.customer(admin, uid)[name] is None for name in names.values())


def test_several_choices_are_a_set(admin: Actor, add: Callable[..., str]) -> None:
    name = add("Awards", "choices", facts.ORGANISATION)
    uid = organisations.create(admin, "Cogs", **{name: ["silver", "gold"]})
    organisations.create(admin, "Gears")
    known = trait_set("organisation")
    rule = parse({"trait": f"organisations.{name}", "op": "has all of", "value": ["gold", "silver"]}, known)
    text, params = query(rule, clock.now(), "t.id")
    [(row_id,)] = Prepared(text).tuples(*params)
    assert load("organisation", [row_id], [f"organisations.{name}"], 0)[row_id] == {
        f"organisations.{name}": {"gold", "silver"}
    }
    with pytest.raises(Refusal):
        organisations.change(admin, uid, **{name: ["bronze"]})
    with pytest.raises(Refusal) as refused:
        fields.change(admin, facts.ORGANISATION, name, Wanted(title="Awards", choices="gold: Gold"))
    assert refused.value.field == "choices"


FAULTY = [
    ("number", "x"), ("integer", "1.5"), ("money", "1.234"), ("boolean", "maybe"), ("time", "soon"), ("choice", "tin"),
]  # fmt: skip


@pytest.mark.parametrize("kind, value", FAULTY)
def test_values_are_checked(admin: Actor, add: Callable[..., str], kind: str, value: str) -> None:
    name = add("Field", kind)
    with pytest.raises(Refusal) as refused:
        services.create(admin, "Bo", **{name: value})
    assert refused.value.field == name


def test_a_field_has_an_index_is_archived_and_deleted(
    admin: Actor, add: Callable[..., str], site: Any
) -> None:
    name = add("Shoe size", "integer")
    assert name == "x_shoe_size"
    with pytest.raises(Conflict):
        fields.add(admin, facts.CUSTOMER, Wanted(title="Shoe size", kind="text"))
    uid = services.create(admin, "Bo", x_shoe_size=42)
    fields.set_indexed(admin, facts.CUSTOMER, name, True)
    with pytest.raises(Refusal):
        fields.drop(admin, facts.CUSTOMER, name, name)
    fields.archive(admin, facts.CUSTOMER, name)
    site.dispatcher.refresh(wait=True)
    assert name not in reading.customer(admin, uid)
    assert f"customers.{name}" not in {trait.name for trait in trait_set("customer")}
    with pytest.raises(Refusal):
        fields.drop(admin, facts.CUSTOMER, name, "yes")
    fields.archive(admin, facts.CUSTOMER, name, archived=False)
    site.dispatcher.refresh(wait=True)
    assert reading.customer(admin, uid)[name] == 42
    fields.archive(admin, facts.CUSTOMER, name)
    fields.drop(admin, facts.CUSTOMER, name, name)
    site.dispatcher.refresh(wait=True)
    add("Shoe size", "text")


def test_a_field_is_kept_to_roles(person: Person, admin: Actor, add: Callable[..., str], site: Any) -> None:
    staff = person("Stella", "staff")
    name = add("Credit limit", "money")
    uid = services.create(admin, "Bo", email="bo@cogs.example", **{name: 500})
    fields.set_rule(admin, facts.CUSTOMER, "email", ["moderator"], None)
    fields.set_rule(admin, facts.CUSTOMER, name, None, ["moderator"])
    site.dispatcher.refresh(wait=True)
    row = services.get(staff, uid)
    assert (row["email"], row[name], row["hidden"]) == (None, 500, {"email"})
    assert services.get(admin, uid)["email"] == "bo@cogs.example"
    assert paging.page(staff, q="cogs")[0] == []
    for change in ({"email": "x@y.example"}, {name: 1}):
        with pytest.raises(Forbidden):
            services.change(staff, uid, **change)
    with pytest.raises(Refusal):
        fields.set_rule(admin, facts.CUSTOMER, "name", ["moderator"], None)


def test_only_holders_of_the_permission_make_fields(person: Person) -> None:
    staff = person("Stella", "staff")
    with pytest.raises(Forbidden):
        fields.add(staff, facts.CUSTOMER, Wanted(title="Size", kind="text"))
    with pytest.raises(Forbidden):
        fields.listed(staff, facts.CUSTOMER)


def test_an_admin_makes_a_field_on_its_page_and_staff_fill_it(sign_in: Any, site: Any) -> None:
    admin = sign_in("Ada Min", "admin")
    made = admin.post("/admin/fields/customer", {"title": "Shoe size", "kind": "integer", "hint": "European"})
    assert made.headers["Location"] == "/admin/fields/customer/x_shoe_size"
    site.dispatcher.refresh(wait=True)
    assert "Shoe size" in admin.get("/admin/fields/customer").text
    assert admin.post("/admin/fields/customer/x_shoe_size/index").status_code == 302
    staff = sign_in("Stella", "staff")
    assert "European" in staff.get("/customers/new").text
    path = staff.post("/customers/new", {"name": "Bo", "x_shoe_size": "42"}).headers["Location"]
    assert 'value="42"' in staff.get(f"{path}/edit").text
    assert staff.post(f"{path}/edit", {"name": "Bo", "x_shoe_size": "big"}).status_code == 422
    assert staff.get("/admin/fields/customer").status_code == 403
