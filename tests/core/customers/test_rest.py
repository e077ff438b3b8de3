"""Customers and organisations for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.customers import facts, fields, organisations, services
from ecrm_server.customers.fields import Wanted
from ecrm_server.data import Prepared
from ecrm_server.identity import apikeys
from ecrm_server.identity.testing import actor_of, make_account

SCOPES = ["customers.read", "customers.edit", "customers.merge"]
Program = Callable[..., Any]


@pytest.fixture
def program(both_engines: str, site: Any, visitor: Any) -> Program:
    """``program("POST", "/customers", {...})``: a program with the key of somebody of the staff."""
    key = apikeys.create(actor_of(make_account("Stella", roles=("staff",))), "shop", SCOPES)

    def ask(method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {
            "Authorization": f"Bearer {key}",
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        address = {"base_url": site.config.base_url, "headers": sent}
        return visitor.client.open(f"/api/v1/customers{path}", method=method, json=body, **address)

    return ask


@pytest.fixture
def bo(site: Any) -> str:
    return services.create(SYSTEM, "Bo", city="Köln")


def test_a_program_makes_reads_changes_and_finds_customers(site: Any, program: Program) -> None:
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
    assert program("PATCH", path, {"role": "admin"}).status_code == 422
    assert program("PATCH", path, {"custom": {"x_none": 1}}).status_code == 422
    assert [item["uid"] for item in program("GET", "/customers?q=bo").get_json()["items"]] == [told["uid"]]
    assert program("GET", "/customers/nobody").status_code == 404
    shown = {item["name"]: item for item in program("GET", "/fields/customer").get_json()["items"]}
    assert (shown[name]["kind"], shown["name"]["required"]) == ("integer", True)


def test_two_editors_do_not_overwrite_each_other(program: Program, bo: str) -> None:
    path = f"/customers/{bo}"
    tag = program("GET", path).headers["ETag"]
    assert program("PATCH", path, {"city": "Bonn"}, If_Match=tag).headers["ETag"] == '"2"'
    assert program("PATCH", path, {"city": "Mainz", "version": 1}).status_code == 409
    late = program("PATCH", path, {"city": "Mainz"}, If_Match=tag)
    assert (late.status_code, late.get_json()["title"]) == (412, "PreconditionFailed")
    assert program("PATCH", path, {"city": "Mainz"}, If_Match="new").status_code == 422
    assert program("GET", path).get_json()["city"] == "Bonn"
    assert program("PATCH", path, {"city": "Mainz"}, If_Match="*").status_code == 200


def test_pages_follow_each_other_in_any_order(program: Program) -> None:
    for name, city in (("Al", "Ulm"), ("Bo", None), ("Cy", "Aue"), ("Di", "Ulm")):
        services.create(SYSTEM, name, city=city)

    def names(query: str) -> list[str]:
        seen, path = [], f"/customers?limit=2{query}"
        while path:
            answer = program("GET", path).get_json()
            seen += [item["name"] for item in answer["items"] if item["name"] != "Stella"]
            path = (answer["next"] or "").removeprefix("/api/v1/customers")
        return seen

    assert names("") == ["Al", "Bo", "Cy", "Di"]
    assert names("&sort=-name") == ["Di", "Cy", "Bo", "Al"]
    assert names("&sort=city") == ["Cy", "Al", "Di", "Bo"]
    assert program("GET", "/customers?sort=shoe").status_code == 422
    assert program("GET", "/customers?limit=2&cursor=WzFd").status_code == 422


def test_the_filter_is_the_rule_of_lists(program: Program) -> None:
    for name, city in (("Al", "Ulm"), ("Bo", "Aue"), ("Cy", "Ulm")):
        services.create(SYSTEM, name, city=city)

    def ask(tree: Any) -> Any:
        text = tree if isinstance(tree, str) else json.dumps(tree)
        return program("GET", f"/customers?filter={text}")

    ulm = {"trait": "customers.city", "op": "is", "value": "ULM"}
    assert [item["name"] for item in ask(ulm).get_json()["items"]] == ["Al", "Cy"]
    assert ask("{").get_json()["errors"].keys() == {"filter"}
    gone = ask({"trait": "customers.x_gone", "op": "is", "value": "1"}).get_json()
    assert gone["detail"].startswith("At trait: there is no trait 'customers.x_gone'; its field was deleted")


def test_a_list_asks_as_often_for_many_as_for_few(site: Any, program: Program, queries: list[str]) -> None:
    fields.add(SYSTEM, facts.CUSTOMER, Wanted(title="Awards", kind="choices", choices="Gold\nTin"))
    site.dispatcher.refresh(wait=True)
    services.create(SYSTEM, "First")
    counts = []
    for number in (0, 20):
        for index in range(number):
            services.create(SYSTEM, f"C{index}", tags=["a", "b"], street="Road", x_awards=["gold"])
        program("GET", "/customers")
        queries.clear()
        answer = program("GET", "/customers?limit=200").get_json()
        counts.append(len(queries))
    assert len(answer["items"]) >= 21
    assert answer["items"][0]["tags"] == ["a", "b"]
    assert answer["items"][0]["custom"] == {"x_awards": ["gold"]}
    assert counts[0] == counts[1]


@pytest.mark.parametrize("area", ["customers", "organisations"])
def test_addresses_and_numbers_are_added_changed_removed_and_put_back(program: Program, area: str) -> None:
    uid = program("POST", f"/{area}", {"name": "Cogs", "email": "a@cogs.example"}).get_json()["uid"]
    path = f"/{area}/{uid}"
    made = program("POST", f"{path}/contacts", {"kind": "email", "value": "b@cogs.example", "label": "home"})
    point = made.get_json()
    assert (made.status_code, point["value"], made.headers["ETag"]) == (201, "b@cogs.example", '"1"')
    one = f"{path}/contacts/{point['uid']}"
    assert program("PUT", one, {"value": "c@cogs.example"}, If_Match='"1"').get_json()["version"] == 2
    assert program("PUT", one, {"value": "d@cogs.example"}, If_Match='"1"').status_code == 412
    assert program("POST", f"{one}/main").status_code == 204
    assert program("GET", path).get_json()["email"] == "c@cogs.example"
    [kept] = program("GET", f"{path}/contacts").get_json()["items"]
    assert (kept["value"], kept["kind"]) == ("a@cogs.example", "email")
    removed = program("DELETE", one).get_json()["removed"]
    assert program("GET", f"{path}/contacts").get_json() == {"items": []}
    assert program("POST", f"{path}/removed/{removed}").status_code == 204
    assert program("POST", f"{path}/removed/{removed}").status_code == 422
    assert len(program("GET", f"{path}/contacts").get_json()["items"]) == 1
    first = program("POST", f"{path}/addresses", {"city": "Bonn", "country": "DE"}).get_json()
    second = program("POST", f"{path}/addresses", {"city": "Wien", "country": "AT"}).get_json()
    assert (first["main"], second["main"]) == (True, False)
    assert program("POST", f"{path}/addresses/{second['uid']}/main").status_code == 204
    assert program("GET", path).get_json()["country"] == "AT"
    changed = {"city": "Graz", "country": "AT", "version": 1}
    assert program("PUT", f"{path}/addresses/{second['uid']}", changed).get_json()["city"] == "Graz"
    program("DELETE", f"{path}/addresses/{second['uid']}")
    assert program("GET", path).get_json()["city"] == "Bonn"
    assert program("POST", f"{path}/addresses", {"country": "Atlantis"}).status_code == 422


def test_what_is_logged_is_read_changed_and_stands_in_the_timeline(program: Program, bo: str) -> None:
    path = f"/customers/{bo}"
    made = program("POST", f"{path}/activities", {"kind": "task", "subject": "Call back"}).get_json()
    one = f"{path}/activities/{made['uid']}"
    changed = program("PATCH", one, {"text": "Ask for *size*", "pinned": True, "done": True, "version": 1})
    told = changed.get_json()
    assert (told["subject"], told["text"], told["pinned"], told["version"]) == (
        "Call back",
        "Ask for *size*",
        True,
        2,
    )
    assert told["done_at"] is not None
    assert program("PATCH", one, {"text": "Other", "done": False, "version": 1}).status_code == 409
    assert program("GET", one).get_json()["done_at"] == told["done_at"]
    for number in range(3):
        program("POST", f"{path}/activities", {"kind": "note", "text": f"Note {number}"})
    first = program("GET", f"{path}/activities?limit=3").get_json()
    rest = program("GET", first["next"].removeprefix("/api/v1/customers")).get_json()
    assert [item["text"] for item in (*first["items"], *rest["items"])][-1] == "Ask for *size*"
    assert rest["next"] is None
    calls = program("GET", f"{path}/timeline?kind=customers.note").get_json()["items"]
    assert [(entry["part"], entry["kind"]) for entry in calls] == [("customers", "note")] * 3
    removed = program("DELETE", one).get_json()["removed"]
    assert program("GET", one).status_code == 404
    program("POST", f"{path}/removed/{removed}")
    assert program("GET", one).get_json()["text"] == "Ask for *size*"
    assert program("GET", f"{path}/timeline?cursor=WyJhIl0").status_code == 422


def test_tags_are_put_on_and_off_one_by_one(program: Program, bo: str) -> None:
    path = f"/customers/{bo}/tags"
    assert program("PUT", f"{path}/VIP").get_json() == {"tags": ["vip"]}
    assert program("PUT", f"{path}/press").get_json() == {"tags": ["press", "vip"]}
    assert program("DELETE", f"{path}/vip").get_json() == {"tags": ["press"]}
    assert program("PUT", f"{path}/{'x' * 41}").status_code == 422
    assert program("PUT", f"{path}/,").status_code == 422


def test_people_belong_to_organisations(program: Program, bo: str) -> None:
    firm = organisations.create(SYSTEM, "Cogs")
    path = f"/organisations/{firm}/members"
    assert program("PUT", f"{path}/{bo}", {"role": "admin"}).status_code == 204
    assert [(m["name"], m["role"]) for m in program("GET", path).get_json()["items"]] == [("Bo", "admin")]
    assert program("GET", f"/customers/{bo}/organisations").get_json()["items"][0]["uid"] == firm
    assert program("DELETE", f"{path}/{bo}").status_code == 204
    assert program("DELETE", f"{path}/{bo}").status_code == 404


def test_plans_have_steps(program: Program) -> None:
    firm = organisations.create(SYSTEM, "Cogs")
    path = f"/organisations/{firm}/plans"
    plan = program("POST", path, {"title": "Grow", "review_on": "2026-09-01"}).get_json()
    one = f"{path}/{plan['uid']}"
    step = program("POST", f"{one}/steps", {"title": "Visit"}).get_json()["steps"][0]
    due = {"due_on": "2026-06-30", "done": True, "version": 1}
    [after] = program("PATCH", f"{one}/steps/{step['uid']}", due).get_json()["steps"]
    assert (after["title"], after["due_on"], after["version"]) == ("Visit", "2026-06-30", 2)
    assert after["done_at"] is not None
    assert program("PATCH", f"{one}/steps/{step['uid']}", {"title": "Go", "version": 1}).status_code == 409
    [listed] = program("GET", "/plans").get_json()["items"]
    assert (listed["organisation"], listed["steps"], listed["done"]) == (firm, 1, 1)
    assert (
        program("PUT", one, {"title": "Grow", "state": "reached"}, If_Match='"1"').get_json()["state"]
        == "reached"
    )
    assert program("PUT", one, {"title": "Grow"}, If_Match='"1"').status_code == 412
    removed = program("DELETE", one).get_json()["removed"]
    assert program("GET", path).get_json() == {"items": []}
    program("POST", f"/organisations/{firm}/removed/{removed}")
    assert program("GET", path).get_json()["items"][0]["steps"][0]["title"] == "Visit"


@pytest.mark.parametrize("area", ["customers", "organisations"])
def test_a_program_merges_and_parts(program: Program, area: str) -> None:
    kept, merged = (
        program("POST", f"/{area}", {"name": name, "phone": phone}).get_json()["uid"]
        for name, phone in (("Bo", "030 1111"), ("Bob", "030 2222"))
    )
    seen = program("GET", f"/{area}/{kept}/merge/{merged}").get_json()["facts"]
    assert {fact["name"]: fact["choice"] for fact in seen}["phone"]
    done = program("POST", f"/{area}/{kept}/merge", {"merged": merged, "take": ["phone"]})
    assert done.status_code == 201
    one = program("GET", f"/{area}/{merged}").get_json()
    assert (one["uid"], one["name"], one["phone"]) == (kept, "Bo", "030 2222")
    [merge] = program("GET", f"/{area}/{kept}/merges").get_json()["items"]
    assert (merge["uid"], merge["merged"], merge["by"]) == (done.get_json()["uid"], merged, "Stella")
    parted = program("POST", f"/merges/{area}/{merge['uid']}/undo").get_json()
    assert parted == {"kept": kept, "merged": merged}
    assert program("GET", f"/{area}/{merged}").get_json()["name"] == "Bob"
    assert program("POST", f"/merges/{area}/{merge['uid']}/undo").status_code == 404


def test_pairs_that_may_be_one_are_told_and_dismissed(program: Program, deliver: Any) -> None:
    for name in ("Bo", "Bo Derek"):
        services.create(SYSTEM, name, email="bo@cogs.example")
    deliver()
    [pair] = program("GET", "/duplicates/customers").get_json()["items"]
    assert pair["reasons"][0] == "The same e-mail address"
    assert program("POST", f"/duplicates/customers/{pair['uid']}/dismiss").status_code == 204
    assert program("GET", "/duplicates/customers").get_json() == {"items": []}


def test_scopes_of_the_key_decide(site: Any, visitor: Any, bo: str) -> None:
    admin = actor_of(make_account("Root", roles=("admin",)))
    reader = apikeys.create(admin, "reader", ["customers.read"])
    builder = apikeys.create(admin, "builder", ["customers.manage_fields", "customers.read"])

    def ask(key: str, method: str, path: str, body: Any = None) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        answer = visitor.client.open(f"/api/v1/customers{path}", method=method, json=body, headers=headers)
        return int(answer.status_code)

    assert ask(reader, "GET", f"/customers/{bo}") == 200
    assert ask(reader, "PATCH", f"/customers/{bo}", {"city": "Bonn"}) == 403
    assert ask(reader, "GET", "/duplicates/customers") == 403
    assert ask(reader, "POST", "/fields/customer", {"title": "Size", "kind": "integer"}) == 403
    assert ask(builder, "POST", "/fields/customer", {"title": "Size", "kind": "integer"}) == 201
    assert ask(builder, "PUT", "/fields/customer/x_size", {"title": "Shoe size"}) == 204
    rule = {"read_roles": ["staff"], "edit_roles": None}
    assert ask(builder, "PUT", "/fields/customer/x_size/rule", rule) == 204
    assert ask(builder, "POST", "/fields/customer/x_size/archive") == 204
    assert Prepared("SELECT title FROM custom_field WHERE archived_at IS NOT NULL").tuples() == [
        ("Shoe size",)
    ]


def test_every_operation_is_described_with_examples(visitor: Any) -> None:
    document = visitor.get("/api/v1/openapi.json").get_json()
    paths = {path: item for path, item in document["paths"].items() if path.startswith("/api/v1/customers/")}
    operations = [found for item in paths.values() for name, found in item.items() if name != "parameters"]
    assert len(operations) > 40
    assert all(found["summary"].endswith((".", ")")) for found in operations)
    customer = document["components"]["schemas"]["CustomerInput"]["properties"]
    assert (customer["name"]["example"], customer["birthday"]["description"]) == ("Ada Byron", "`YYYY-MM-DD`")
    assert customer["stage"]["enum"][0] == "visitor"
