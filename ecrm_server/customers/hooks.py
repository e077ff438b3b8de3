"""Customers and organisations: permissions, pages, events, the live page, demo, and what is stored about people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.access import SIGNED_IN, Actor
from ecrm_server.access.permission import STAFF, Permission
from ecrm_server.customers import (
    activities,
    answers,
    contact_views,
    demo,
    dues,
    duplicates,
    field_views,
    finding,
    keys,
    log_views,
    membership_views,
    merge_views,
    personal,
    plan_views,
    removed,
    subscribers,
    tables,
    task_views,
    views,
)
from ecrm_server.customers import channels as channels_module
from ecrm_server.customers import events as events_module
from ecrm_server.customers import imports as imports_module
from ecrm_server.customers import rest as rest_module
from ecrm_server.customers import retention as retention_module
from ecrm_server.customers import traits as traits_module
from ecrm_server.events import declared
from ecrm_server.hookspecs import hookimpl
from ecrm_server.jobs.kind import JobKind
from ecrm_server.notices.kind import NoticeKind
from ecrm_server.web.navigation import NavItem

if TYPE_CHECKING:
    from ecrm_server.customers.timeline import Entry
    from ecrm_server.events import Event, Subscription
    from ecrm_server.importing.kind import ImportKind
    from ecrm_server.lists.kind import ListKind
    from ecrm_server.privacy.kind import Retention
    from ecrm_server.realtime import Channel
    from ecrm_server.rest import RestBlueprint
    from ecrm_server.rules.catalogue import Traits
    from ecrm_server.search.kind import SearchSource
    from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def permissions() -> list[Permission]:
    return [
        Permission(
            "customers.read",
            "See all customers and organisations",
            default=(STAFF,),
            implies=("customers.read_team",),
        ),
        Permission(
            "customers.read_team",
            "See customers and organisations of the own groups",
            implies=("customers.read_own",),
        ),
        Permission("customers.read_own", "See customers and organisations that one looks after"),
        Permission(
            "customers.export", "Take lists of customers and organisations away as files", default=(STAFF,)
        ),
        Permission(
            "customers.import", "Import customers and organisations from files, and change all of them so"
        ),
        Permission("customers.invite", "Invite customers to make their account", default=(STAFF,)),
        Permission(
            "customers.merge",
            "Find duplicates, merge customers or organisations and undo it",
            default=(STAFF,),
        ),
        Permission("customers.send_mail", "Send mails from the pages of customers", default=(STAFF,)),
        Permission(
            activities.EDIT_LOGGED, "Change and delete what others logged about customers", default=(STAFF,)
        ),
        Permission("customers.manage_fields", "Make fields of customers, and decide who reads them"),
        Permission(
            "customers.edit", "Make customers and organisations, and change those one sees", default=(STAFF,)
        ),
    ]


@hookimpl
def navigation() -> list[NavItem]:
    return [
        NavItem(
            "customers", "Customers", "/customers", "address-book", "customers.read_own", 60, also=("/organisations",)
        ),
        NavItem(
            "customers.organisations", "Organisations", "/organisations", "building", SIGNED_IN, 50, "person"
        ),
        NavItem(
            "customers.fields",
            "Fields",
            "/admin/fields/customer",
            "adjustments-horizontal",
            "customers.manage_fields",
            60,
            "admin",
            "People",
        ),
        NavItem(
            "customers.duplicates",
            "Duplicates",
            "/customers/duplicates",
            "arrow-merge",
            "customers.merge",
            62,
            "command",
        ),
        NavItem(
            "customers.duplicate_organisations",
            "Duplicate organisations",
            "/organisations/duplicates",
            "arrow-merge",
            "customers.merge",
            63,
            "command",
        ),
        NavItem("customers.tasks", "My tasks", "/tasks", "checks", "customers.read_own", 30, "person"),
        NavItem("customers.new", "Customer", "/customers/new", "user-plus", "customers.edit", 60, "new"),
    ]


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [
        views.pages,
        log_views.pages,
        contact_views.pages,
        membership_views.pages,
        field_views.pages,
        merge_views.pages,
        plan_views.pages,
        task_views.pages,
    ]


@hookimpl
def events() -> list[type[Event]]:
    return events_module.ALL


@hookimpl
def subscriptions() -> list[Subscription]:
    return declared(subscribers)


@hookimpl
def channels() -> list[Channel]:
    return [channels_module.CUSTOMER, channels_module.ORGANISATION]


@hookimpl
def rest() -> list[RestBlueprint]:
    return [rest_module.api]


@hookimpl
def jobs() -> list[JobKind]:
    return [
        JobKind("customers.find_duplicates", duplicates.scan, "Find duplicates", every=24 * 3600),
        JobKind("customers.write_keys", keys.catch_up, "Let imported customers be found", every=60),
        JobKind("customers.tell_dues", dues.tell, "Tell what is due", every=3600),
        JobKind("customers.sweep", removed.sweep, "Forget what was removed from customers", every=3600),
    ]


@hookimpl
def notice_kinds() -> list[NoticeKind]:
    return [
        NoticeKind(activities.TASK, "A task about a customer is yours"),
        NoticeKind(answers.ANSWER, "Somebody answers a mail of yours, or it does not arrive"),
        *dues.KINDS,
    ]


@hookimpl
def lists() -> list[ListKind]:
    return tables.ALL


@hookimpl
def imports() -> list[ImportKind]:
    return imports_module.ALL


@hookimpl
def traits() -> list[Traits]:
    return traits_module.ALL


@hookimpl
def search_sources() -> list[SearchSource]:
    return finding.SOURCES


@hookimpl
def timeline(
    actor: Actor, customer_id: int | None, organisation_id: int | None, before: int, limit: int
) -> list[Entry]:
    return personal.timeline(actor, customer_id, organisation_id, before, limit)


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"customers": personal.export(account_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    personal.erase(account_id)


@hookimpl
def load_demo() -> None:
    demo.load()


@hookimpl
def describe_demo() -> list[str]:
    return demo.describe()


@hookimpl
def remove_demo() -> None:
    demo.remove()


@hookimpl
def retention() -> list[Retention]:
    return retention_module.TABLES
