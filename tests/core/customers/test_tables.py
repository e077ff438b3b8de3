from __future__ import annotations

from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.customers import facts, fields, organisations, services, tables, tagging
from ecrm_server.customers.fields import Wanted
from ecrm_server.data import Prepared
from ecrm_server.errors import Conflict, Refusal
from ecrm_server.identity.testing import actor_of


@pytest.mark.usefixtures("both_engines")
def test_a_custom_field_is_a_column_that_filters_sorts_and_exports(site: Any, sign_in: Any) -> None:
    name = fields.add(SYSTEM, facts.CUSTOMER, Wanted(title="Shoe size", kind="integer"))
    site.dispatcher.refresh(wait=True)
    staff = sign_in("Stella", "staff")
    for person, size in (("Borisova", 42), ("Cyrano", 38), ("Dido", None)):
        services.create(actor_of(staff.account), person, **{name: size, "country": "DE", "tags": "vip"})
    page = staff.get(f"/customers?columns=name,{name},tags&sort={name}")
    assert page.status_code == 200
    assert page.text.index("Cyrano") < page.text.index("Borisova") < page.text.index("Dido")
    rows = staff.get(
        f"/lists/customers.customers/export.csv?columns=name,{name}&sort=-{name}"
    ).text.splitlines()
    assert rows[1:3] == ["Borisova,42", "Cyrano,38"]


@pytest.mark.usefixtures("both_engines")
def test_each_column_can_be_shown_sorted_and_asked_for(site: Any, sign_in: Any) -> None:
    staff = sign_in("Stella", "staff")
    actor = actor_of(staff.account)
    services.create(actor, "Bo", email="bo@cogs.example", owner=actor.uid, country="DE", tags="vip")
    organisations.create(actor, "Cogs", tags="gold")
    for kind in tables.ALL:
        assert callable(kind.columns)
        columns = kind.columns(actor)
        page = staff.get(f"{kind.url}?columns={','.join(column.key for column in columns)}")
        assert page.status_code == 200
        assert "Stella" in page.text or kind.name == "customers.organisations"
        for key in (column.key for column in columns if column.sortable):
            assert staff.get(f"{kind.url}?columns=name,{key}&sort=-{key}").status_code == 200, key


def test_many_are_tagged_and_only_those_who_had_no_tag_lose_it_again(site: Any, sign_in: Any) -> None:
    actor = actor_of(sign_in("Stella", "staff").account)
    uids = [services.create(actor, name) for name in ("Bo", "Cy")]
    services.change(actor, uids[0], tags=["spring"])
    put, take = (next(item for item in tables.ALL[0].actions if item.key == key) for key in ("tag", "untag"))
    done = put.apply(actor, uids, put.read(" Spring "))
    services.change(actor, uids[1], tags=["spring", "own"])
    assert done == [[uids[1], "spring"]]
    put.undo(actor, done)
    assert _tags() == [("own",), ("spring",)]
    gone = take.apply(actor, uids, "spring")
    assert _tags() == [("own",)]
    take.undo(actor, gone)
    assert _tags() == [("own",), ("spring",)]


@pytest.mark.parametrize("text", ["", "a,b", "x" * 41])
def test_what_is_no_tag_is_refused_before_anything_begins(text: str) -> None:
    with pytest.raises(Refusal, match="A tag has from 1 to 40 characters"):
        tagging.read(text)


def _tags() -> list[tuple[str]]:
    return Prepared("SELECT tag FROM customer_tag ORDER BY tag").tuples()


def test_many_are_given_a_stage_and_put_back_but_what_was_changed_since(site: Any, sign_in: Any) -> None:
    actor = actor_of(sign_in("Stella", "staff").account)
    uids = [services.create(actor, name) for name in ("Bo", "Cy")]
    action = next(item for item in tables.ALL[0].actions if item.key == "stage")
    done = action.apply(actor, uids, "customer")
    assert [services.get(actor, uid)["stage"] for uid in uids] == ["customer", "customer"]
    services.change(actor, uids[1], stage="advocate")
    action.undo(actor, done)
    assert [services.get(actor, uid)["stage"] for uid in uids] == ["lead", "advocate"]


def test_a_cell_is_changed_where_nobody_else_did(site: Any, sign_in: Any, deliver: Any) -> None:
    actor = actor_of(sign_in("Stella", "staff").account)
    deliver()
    uid = services.create(actor, "Bo")
    columns = {column.key: column for column in tables.ALL[0].columns(actor)}  # type: ignore[operator]
    edit = columns["city"].edit
    assert edit is not None
    assert edit.set(actor, uid, "Bonn", 1) == 2
    with pytest.raises(Conflict):
        edit.set(actor, uid, "Köln", 1)
    own = services.of_account(actor.account_id or 0)
    name = columns["name"].edit
    assert name is not None
    with pytest.raises(Refusal):
        name.set(actor, own["uid"], "Me", own["version"])
