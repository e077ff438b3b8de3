from __future__ import annotations

import contextlib
import threading

import pytest

from ecrm_server.access import SYSTEM, Actor, groups, services
from ecrm_server.data import database
from ecrm_server.errors import Conflict, Forbidden, Refusal
from ecrm_server.identity.models import Account
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.kernel import current
from ecrm_server.kernel.site import Site

pytestmark = pytest.mark.usefixtures("both_engines")


def save(site: Site, actor: object, **wanted: set[str]) -> int | None:
    generation = current.generation()
    number = services.set_permissions(
        actor,  # type: ignore[arg-type]
        wanted,
        list(generation.registry.permissions.values()),
        generation.role_permissions,
    )
    site.refresh()
    return number


def test_a_decision_takes_the_place_of_the_default(site: Site) -> None:
    account = make_account("Sam", ("staff",))
    assert actor_of(account).may("identity.invite")
    present = set(current.generation().role_permissions["staff"])
    save(site, SYSTEM, staff=present - {"identity.invite"} | {"identity.manage_accounts"})
    assert not actor_of(account).may("identity.invite")
    assert actor_of(account).may("identity.manage_accounts")
    assert save(site, SYSTEM, staff=set(current.generation().role_permissions["staff"])) is None


def test_the_administrators_role_cannot_be_cut_down(site: Site) -> None:
    assert save(site, SYSTEM, admin=set()) is None
    assert "access.manage_roles" in current.generation().role_permissions["admin"]


def test_nobody_gives_what_they_do_not_hold(site: Site) -> None:
    actor = actor_of(make_account("Sam", ("staff",)))
    with pytest.raises(Forbidden):
        save(site, actor, member={"identity.manage_accounts"})


def test_a_role_of_ones_own_is_made_given_and_deleted(site: Site) -> None:
    services.create_role(SYSTEM, "helper", "Helper")
    with pytest.raises(Conflict):
        services.create_role(SYSTEM, "helper", "Helper")
    with pytest.raises(Refusal):
        services.create_role(SYSTEM, "Bad Name", "x")
    site.refresh()
    account = make_account("Sam", ("helper",))
    save(site, SYSTEM, helper={"identity.invite"})
    assert actor_of(account).may("identity.invite")
    services.delete_role(SYSTEM, "helper")
    site.refresh()
    assert not actor_of(account).may("identity.invite")
    with pytest.raises(Refusal):
        services.delete_role(SYSTEM, "staff")


def test_a_group_gives_its_roles_to_its_members(site: Site) -> None:
    account = make_account("Sam")
    uid = groups.create_group(SYSTEM, "Crew")
    groups.add_member(SYSTEM, uid, account.id)
    groups.change_group(SYSTEM, uid, "Crew", "", ["staff"])
    actor = actor_of(account)
    assert actor.may("identity.invite")
    assert groups.group(uid)["id"] in actor.groups
    groups.remove_member(SYSTEM, uid, account.id)
    assert not actor_of(account).may("identity.invite")


def test_a_kept_session_follows_its_groups(site: Site) -> None:
    from ecrm_server.identity import actors, keys, sessions
    from ecrm_server.identity.testing import session_key

    account = make_account("Sam")
    uid = groups.create_group(SYSTEM, "Crew")
    key_hash = keys.digest(session_key(account))

    def actor() -> object:
        row = sessions.find(key_hash)
        assert row is not None
        return actors.of_session(row, {})

    groups.change_group(SYSTEM, uid, "Crew", "", ["staff"])
    assert not actor().may("identity.invite")  # type: ignore[attr-defined]
    groups.add_member(SYSTEM, uid, account.id)
    assert actor().may("identity.invite")  # type: ignore[attr-defined]
    groups.delete_group(SYSTEM, uid)
    assert not actor().may("identity.invite")  # type: ignore[attr-defined]


def test_nobody_rises_by_giving_roles(site: Site) -> None:
    from ecrm_server.identity import services as identity

    services.create_role(SYSTEM, "warden", "Warden")
    site.refresh()
    save(site, SYSTEM, warden={"access.manage_roles"})
    account, other = make_account("Will", ("warden",)), make_account("Olga")
    warden = actor_of(account)
    for role in ("staff", "moderator", "admin"):
        with pytest.raises(Forbidden):
            identity.set_roles(warden, account, ["warden", role])
    uid = groups.create_group(SYSTEM, "Crew")
    groups.change_group(SYSTEM, uid, "Crew", "", ["staff"])
    with pytest.raises(Forbidden):
        groups.add_member(warden, uid, account.id)
    with pytest.raises(Forbidden):
        groups.change_group(warden, uid, "Crew", "", ["staff", "admin"])
    identity.set_roles(warden, other, ["warden"])
    assert actor_of(other).may("access.manage_roles")
    services.create_role(SYSTEM, "clerk", "Clerk")
    site.refresh()
    save(site, SYSTEM, clerk={"identity.invite"})
    with pytest.raises(Forbidden):
        services.delete_role(warden, "clerk")


def test_an_administrator_by_group_is_as_safe_as_any(site: Site) -> None:
    from ecrm_server.identity import services as identity

    services.create_role(SYSTEM, "porter", "Porter")
    site.refresh()
    save(site, SYSTEM, porter={"identity.manage_accounts"})
    porter, chief = actor_of(make_account("Pat", ("porter",))), make_account("Ada")
    uid = groups.create_group(SYSTEM, "Board")
    groups.change_group(SYSTEM, uid, "Board", "", ["admin"])
    groups.add_member(SYSTEM, uid, chief.id)
    with pytest.raises(Forbidden):
        identity.suspend(porter, chief, reason="Mine now")


def test_two_administrators_who_unmake_each_other_leave_one(site: Site) -> None:
    from ecrm_server.identity import services as identity

    pair = [make_account("Ada", ("admin",)), make_account("Ben", ("admin",))]
    actors, ready = [actor_of(account) for account in pair], threading.Barrier(2)

    def unmake(actor: Actor, other: Account) -> None:
        with database.connection_context(), contextlib.suppress(Refusal):
            ready.wait()
            identity.set_roles(actor, other, [])

    threads = [threading.Thread(target=unmake, args=pair) for pair in zip(actors, reversed(pair), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert identity.has_admin()
