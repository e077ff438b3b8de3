"""What a person may not see of organisations is neither shown nor counted: own ones, those of the groups, and fields.

That no page at all shows it is asked in ``tests/security/test_nothing_of_others.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor, groups
from ecrm_server.access import services as access
from ecrm_server.customers import (
    duplicates,
    fields,
    memberships,
    merging,
    organisations,
    paging,
    plans,
    reading,
    services,
    timeline,
)
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION
from ecrm_server.errors import Forbidden, NotFound
from ecrm_server.identity.actors import of_account
from ecrm_server.kernel import current
from ecrm_server.rules.catalogue import hidden_traits

SEES = {
    "customers.read_own": ["Mine"],
    "customers.read_team": ["Colleague's", "Mine", "Ours"],
    "customers.read": ["Colleague's", "Mine", "Ours", "Theirs"],
}
NAMES = SEES["customers.read"]


class World:
    """Organisations by name, each with a person of the same name; all people belong to "Mine" too.

    clerk: the browser of somebody who looks after "Mine" and is in the group that looks after "Ours", as is whoever
    looks after "Colleague's". seen: the names that the clerk sees.
    """

    def __init__(self, site: Any, sign_in: Callable[..., Any], permission: str) -> None:
        self.seen, self.firms, self.people = SEES[permission], {}, {}
        access.create_role(SYSTEM, "clerk", "Clerk")
        granted = {permission, "customers.edit", "customers.export", "customers.merge"}
        declared = list(current.generation().registry.permissions.values())
        access.set_permissions(SYSTEM, {"clerk": granted}, declared, {})
        site.dispatcher.refresh(wait=True)
        self.clerk, colleague, boss = (
            sign_in("Cleo", "clerk"), sign_in("Col", "clerk"), sign_in("Boss", "staff"),
        )  # fmt: skip
        group = groups.create_group(SYSTEM, "North")
        for browser in (self.clerk, colleague):
            groups.add_member(SYSTEM, group, browser.account.id)
        owners = {"Mine": self.clerk, "Colleague's": colleague, "Theirs": boss}
        for name in NAMES:
            of = {"owner": owners[name].account.profile_uid} if name in owners else {"team": group}
            self.firms[name] = organisations.create(SYSTEM, name, **of)
            self.people[name] = services.create(SYSTEM, name, **of)
            organisations.add_member(SYSTEM, self.firms[name], self.people[name])
        for person in self.people.values():
            organisations.add_member(SYSTEM, self.firms["Mine"], person)

    @property
    def actor(self) -> Actor:
        return of_account(self.clerk.account.id)

    def exported(self, path: str) -> dict[str, str]:
        """First column -> second one of an exported list."""
        lines = self.clerk.get(f"/lists/{path}").text.splitlines()[1:]
        return {name.strip('"'): value for name, _, value in (line.rpartition(",") for line in lines)}


@pytest.fixture(params=sorted(SEES))
def world(both_engines: str, site: Any, sign_in: Callable[..., Any], request: pytest.FixtureRequest) -> World:
    return World(site, sign_in, str(request.param))


def test_lists_pages_plans_and_live_pages_have_those_that_are_seen(world: World) -> None:
    for name, uid in world.firms.items():
        plans.create(SYSTEM, uid, plans.Wanted(title=name))
        status = 200 if name in world.seen else 404
        for path in ("", "/edit", "/timeline", "/memberships/new"):
            assert world.clerk.get(f"/organisations/{uid}{path}").status_code == status, (name, path)
        channel = current.generation().channel("customers.organisation")
        assert channel is not None
        assert channel.authorise(world.actor, uid) == (name in world.seen)
    assert [row["title"] for row in plans.due(world.actor)] == [name for name in NAMES if name in world.seen]
    assert list(world.exported("customers.organisations/export.csv?columns=name,kind")) == world.seen
    assert [row["name"] for row in paging.page(world.actor, ORGANISATION)[0]] == world.seen


def test_people_and_organisations_are_counted_and_named_as_far_as_they_are_seen(world: World) -> None:
    actor = world.actor
    mine = reading.organisation(actor, world.firms["Mine"])
    assert [row["name"] for row in memberships.of(actor, ORGANISATION, mine["id"])] == world.seen
    counted = world.exported("customers.organisations/export.csv?columns=name,people")
    assert counted == {name: str(len(world.seen)) if name == "Mine" else "1" for name in world.seen}
    uid = services.create(SYSTEM, "Shared", owner=world.clerk.account.profile_uid)
    organisations.add_member(SYSTEM, world.firms["Theirs"], uid)
    named = "Theirs" if "Theirs" in world.seen else None
    assert services.get(actor, uid)["organisation_name"] == named
    assert world.exported("customers.customers/export.csv?columns=name,organisation")["Shared"] == (named or "")
    row_id = services.get(actor, uid)["id"]
    titles = [entry.title for entry in timeline.collect(actor, customer_id=row_id)[0] if entry.kind == "joined"]
    assert titles == [row["name"] for row in memberships.of(actor, CUSTOMER, row_id)] == ([named] if named else [])
    kept = {"customers.organisation", "organisations.people"}
    asked = {*hidden_traits("customer", actor), *hidden_traits("organisation", actor)}
    assert kept & asked == (set() if named else kept)


def test_only_what_is_seen_is_proposed_merged_and_parted(world: World) -> None:
    actor, twins = world.actor, {}
    for name, uid in world.firms.items():
        row = reading.organisation(SYSTEM, uid)
        looked_after = {"owner": row["owner_uid"], "team": row["team_uid"]}
        twins[name] = organisations.create(SYSTEM, name, **looked_after)
        duplicates.look_at(ORGANISATION, twins[name])
    assert sorted(row["first_name"] for row in duplicates.listed(actor, ORGANISATION)) == world.seen
    for name, uid in world.firms.items():
        if name in world.seen:
            merging.undo(actor, ORGANISATION, merging.merge(actor, ORGANISATION, uid, twins[name]))
            continue
        with pytest.raises(NotFound):
            merging.merge(actor, ORGANISATION, world.firms["Mine"], uid)
        done = merging.merge(SYSTEM, ORGANISATION, uid, twins[name])
        with pytest.raises(NotFound):
            merging.undo(actor, ORGANISATION, done)


@pytest.mark.usefixtures("both_engines")
def test_a_field_that_is_kept_from_one_is_empty_everywhere(site: Any, sign_in: Callable[..., Any]) -> None:
    staff = sign_in("Stella", "staff")
    values = {"tax_number": "DE123456789", "city": "Geheimstadt", "website": "geheim.example", "tags": "geheimtag"}
    uid, twin = (organisations.create(SYSTEM, name, **values) for name in ("Cogs", "Cogs GmbH"))
    for name in values:
        fields.set_rule(SYSTEM, ORGANISATION, name, ["moderator"], None)
    site.dispatcher.refresh(wait=True)
    duplicates.look_at(ORGANISATION, uid)
    person = services.create(SYSTEM, "Bo")
    for path in (
        f"/organisations/{uid}", f"/organisations/{uid}/edit", f"/organisations/{uid}/merge/{twin}", "/organisations",
        "/organisations?columns=name,phone&sort=name", "/lists/customers.organisations/export.csv?columns=name,kind",
        "/organisations/duplicates", f"/customers/{person}/memberships/new?q=cogs",
    ):  # fmt: skip
        answer = staff.get(path)
        assert answer.status_code == 200, path
        found = [secret for secret in ("DE123456789", "Geheimstadt", "geheim", "geheimtag") if secret in answer.text]
        assert found == [], path
    assert staff.get("/organisations?columns=name,tax_number").status_code == 422
    searched = staff.get("/lists/customers.organisations/export.csv?columns=name,kind&q=DE123456789").text
    assert searched.splitlines()[1:] == []
    actor = of_account(staff.account.id)
    with pytest.raises(Forbidden):
        organisations.change(actor, uid, city="Ulm")
    with pytest.raises(Forbidden):
        merging.merge(actor, ORGANISATION, uid, twin, take=["tax_number"])
    done = merging.merge(actor, ORGANISATION, uid, twin)
    assert reading.organisation(SYSTEM, uid)["city"] == "Geheimstadt"
    merging.undo(actor, ORGANISATION, done)
