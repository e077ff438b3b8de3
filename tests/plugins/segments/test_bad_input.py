"""Rules over what is gone, segments in a circle, two editors at once: a clear sentence, and nothing is half written."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.customers import fields, services
from ecrm_server.customers.facts import CUSTOMER
from ecrm_server.data import Prepared
from ecrm_server.identity import apikeys
from ecrm_server.identity.testing import actor_of
from ecrm_server.testing import Browser
from tests.core.importing.tables.page_steps import choose, upload, work

pytestmark = [pytest.mark.usefixtures("both_engines"), pytest.mark.plugins("segments")]

BIG = {"trait": "customers.x_size", "op": ">", "value": 40}
GONE = "there is no trait 'customers.x_size'; its field was deleted or its plugin is off."
SCOPES = ["customers.read", "segments.edit"]


@pytest.fixture
def admin(sign_in: Any) -> Browser:
    found: Browser = sign_in("Root", "admin")
    return found


@pytest.fixture
def ask(site: Any, visitor: Browser, admin: Browser) -> Callable[..., Any]:
    """``ask("GET", "/segments/segments")``: a program of the administrator's."""
    key = apikeys.create(actor_of(admin.account), "program", SCOPES)

    def send(method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {key}"}
        return visitor.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)

    return send


@pytest.fixture
def field(site: Any) -> Callable[[str], None]:
    """``field("archive")``: the field Size is made, archived, restored or deleted."""

    def act(verb: str) -> None:
        if verb == "make":
            fields.add(SYSTEM, CUSTOMER, fields.Wanted(title="Size", kind="integer"))
        elif verb == "delete":
            fields.archive(SYSTEM, CUSTOMER, "x_size")
            fields.drop(SYSTEM, CUSTOMER, "x_size", "x_size")
        else:
            fields.archive(SYSTEM, CUSTOMER, "x_size", verb == "archive")
        site.dispatcher.refresh(wait=True)

    act("make")
    return act


def text(answer: Any) -> str:
    return html.unescape(answer.text)


def stored(table: str) -> list[tuple[Any, ...]]:
    return Prepared(f"SELECT * FROM {table} ORDER BY 1").tuples()


def test_a_segment_outlives_a_field_that_is_away(segments: Any, field: Any, admin: Browser, ask: Any) -> None:
    services.create(SYSTEM, "Ada", x_size=42)
    uid = segments.make("Big feet", BIG)
    field("archive")
    segments.following.tick()
    segments.settle()
    assert segments.names(uid) == ["Ada"]
    shown = admin.get(f"/segments/{uid}")
    assert shown.status_code == 200
    assert GONE in text(shown)
    told = ask("GET", f"/segments/segments/{uid}").get_json()
    assert (told["state"], GONE in told["fault"], told["rule"]["value"]) == ("broken", True, 40)
    form = admin.get(f"/segments/{uid}/edit")
    assert form.status_code == 200
    assert "customers.x_size" in form.text
    before = stored("segments_segment")
    sent = {"title": "Bigger", "version": "1", "kind:r": "all", "kind:r.0": "condition"}
    sent |= {"trait:r.0": "customers.x_size", "op:r.0": ">", "value:r.0": "41"}
    refused = admin.post(f"/segments/{uid}/edit", sent)
    assert refused.status_code == 422
    assert "This cannot be asked any more: its field was deleted, or its plugin is off." in text(refused)
    assert 'value="Bigger"' in refused.text
    change = {"title": "Bigger", "version": 1, "rule": BIG}
    answer = ask("PUT", f"/segments/segments/{uid}", change)
    assert (answer.status_code, GONE in answer.get_json()["detail"]) == (422, True)
    why = ask(
        "GET",
        f"/segments/segments/{uid}/why/{Prepared('SELECT uid FROM customer WHERE name = ?').value('Ada')}",
    )
    assert (why.status_code, GONE in why.get_json()["detail"]) == (422, True)
    assert stored("segments_segment") == before
    field("restore")
    segments.following.tick()
    segments.settle()
    assert ask("GET", f"/segments/segments/{uid}").get_json()["state"] == "ready"


@pytest.mark.parametrize("verb", ["archive", "delete"])
def test_a_stored_view_names_what_is_gone_and_hides_nothing(field: Any, admin: Browser, verb: str) -> None:
    services.create(SYSTEM, "Ada", x_size=42)
    query = {"filter": json.dumps(BIG), "columns": "name,x_size", "sort": "-x_size"}
    made = admin.post(
        "/lists/customers.customers/views", {"title": "Big feet", "shared": "nobody"}, query_string=query
    )
    view = made.headers["Location"].rpartition("view=")[2]
    assert "Ada" in admin.get(f"/customers?view={view}").text
    field(verb)
    shown = admin.get(f"/customers?view={view}")
    assert shown.status_code == 422
    assert GONE in text(shown)
    assert "Big feet" in shown.text
    for form in ("csv", "xlsx"):
        file = admin.get(f"/lists/customers.customers/export.{form}?view={view}")
        assert (file.status_code, GONE in text(file)) == (422, True)
    services.create(SYSTEM, "Bo")
    many = {"all": "1", "sure": "1", "value": "lapsed"}
    bulk = admin.post("/lists/customers.customers/bulk/stage", many, query_string={"view": view})
    assert (bulk.status_code, GONE in text(bulk)) == (422, True)
    assert Prepared("SELECT COUNT(*) FROM customer WHERE stage = 'lapsed'").value() == 0
    cleared = admin.get(f"/customers?view={view}&filter=")
    assert cleared.status_code == 200
    assert "Bo" in cleared.text


def test_an_import_with_a_column_of_a_field_that_is_gone_is_refused(field: Any, admin: Browser) -> None:
    options = {"key": "number", "template_name": "Shoes"}
    first = upload(admin, b"No,Feet\n1,42\n", "a.csv", "customers")
    kept = choose(admin, first, "number", "x_size", **options)
    assert kept.status_code == 303, kept.text
    field("delete")
    again = upload(admin, b"No,Feet\n2,43\n", "b.csv", "customers")
    page = admin.get(f"{again}/mapping?template=Shoes")
    assert page.status_code == 200
    assert "The template fills 'x_size' from Feet, but that field is gone. Choose again." in text(page)
    refused = choose(admin, again, "number", "x_size", key="number")
    assert refused.status_code == 422
    assert "x_size" in text(refused)
    assert Prepared("SELECT COUNT(*) FROM customer WHERE number IS NOT NULL").value() == 0


def test_a_field_that_goes_while_an_import_waits_stops_it_with_a_sentence(field: Any, admin: Browser) -> None:
    base = upload(admin, b"No,Feet\n1,42\n", "a.csv", "customers")
    choose(admin, base, "number", "x_size", key="number")
    work()
    assert "Import" in admin.get(base).text
    field("archive")
    admin.post(f"{base}/start")
    work()
    page = admin.get(base)
    assert page.status_code == 200
    assert ">There is no field 'x_size'." in text(page)
    assert Prepared("SELECT COUNT(*) FROM customer WHERE number IS NOT NULL").value() == 0
    field("restore")
    admin.post(f"{base}/continue")
    work()
    assert Prepared("SELECT x_size FROM customer WHERE number = '1'").value() == 42


def test_an_import_that_can_never_go_on_is_undone(field: Any, admin: Browser) -> None:
    base = upload(admin, b"No,Feet\n1,42\n", "a.csv", "customers")
    choose(admin, base, "number", "x_size", key="number")
    work()
    field("delete")
    admin.post(f"{base}/start")
    work()
    assert "Undo this import" in admin.get(base).text
    admin.post(f"{base}/undo")
    work()
    assert Prepared("SELECT state FROM import_run").value() == "undone"


def test_segments_in_a_circle_are_refused_where_they_are_closed(
    segments: Any, admin: Browser, ask: Any
) -> None:
    inner = segments.make("Inner", {"trait": "customers.city", "op": "is not empty"})
    middle = segments.make("Middle", {"segment": inner})
    outer = segments.make("Outer", {"not": {"segment": middle}})
    before = stored("segments_segment")
    sentence = "the segment would contain itself. Remove it here or from the segments it uses."
    body = {"title": "Inner", "version": 1, "rule": {"any": [{"segment": outer}]}}
    answer = ask("PUT", f"/segments/segments/{inner}", body)
    assert (answer.status_code, sentence in answer.get_json()["detail"]) == (422, True)
    form = {"title": "Inner", "version": "1", "kind:r": "all", "kind:r.0": "segment"}
    form |= {"segment:r.0": outer, "op:r.0": "in"}
    refused = admin.post(f"/segments/{inner}/edit", form)
    assert refused.status_code == 422
    assert sentence in text(refused)
    itself = ask("PUT", f"/segments/segments/{inner}", {**body, "rule": {"segment": inner}})
    assert (itself.status_code, sentence in itself.get_json()["detail"]) == (422, True)
    assert stored("segments_segment") == before


def test_of_two_editors_of_a_segment_the_later_one_is_told(segments: Any, admin: Browser, ask: Any) -> None:
    uid = segments.make("Big", {"trait": "customers.city", "op": "is not empty"})
    mine = {"title": "Mine", "version": 1, "rule": {"all": []}}
    assert ask("PUT", f"/segments/segments/{uid}", mine).status_code == 200
    sentence = "Somebody else changed this segment meanwhile. Look at it again before you save."
    late = ask("PUT", f"/segments/segments/{uid}", {**mine, "title": "Late"})
    assert (late.status_code, late.get_json()["detail"]) == (409, sentence)
    form = {"title": "Later", "version": "1", "kind:r": "all", "kind:r.0": "condition"}
    form |= {"trait:r.0": "customers.city", "op:r.0": "is", "value:r.0": "Ulm"}
    page = admin.post(f"/segments/{uid}/edit", form)
    assert page.status_code == 409
    assert sentence in text(page)
    assert 'value="Ulm"' in page.text
    assert Prepared("SELECT title FROM segments_segment WHERE uid = ?").value(uid) == "Mine"


def test_of_two_editors_of_a_view_the_later_one_is_told(admin: Browser) -> None:
    made = admin.post(
        "/lists/customers.customers/views", {"title": "One", "shared": "nobody"}, query_string={"q": "a"}
    )
    view = made.headers["Location"].rpartition("view=")[2]
    change = f"/lists/customers.customers/views/{view}"
    assert admin.post(change, {"title": "Two", "shared": "nobody", "version": "1"}).status_code == 302
    late = admin.post(change, {"title": "Three", "shared": "nobody", "version": "1"})
    assert late.status_code == 409
    assert "This view was changed elsewhere meanwhile. Open it again." in text(late)
    assert Prepared("SELECT title FROM list_view WHERE uid = ?").value(view) == "Two"
