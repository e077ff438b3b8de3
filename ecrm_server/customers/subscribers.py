"""Customers follow accounts, and their pages hear of what other parts tell."""

from __future__ import annotations

from ecrm_server.customers import duplicates, keys, services
from ecrm_server.customers.events import CustomerTouched, LetGo
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, SUBJECTS
from ecrm_server.data import Prepared
from ecrm_server.events import Delivered, emit, on

_ACCOUNT = Prepared("SELECT id FROM account WHERE uid = ?")
_OF_PROFILE = Prepared("SELECT account_id FROM profile WHERE uid = ? AND account_id IS NOT NULL")
_CUSTOMER = Prepared("SELECT uid FROM customer WHERE account_id = ?")

COMPARED = frozenset((
    "name", "email", "phone", "birthday", "street", "postcode", "city", "country", "addresses", "website", "tax_number",
))  # fmt: skip
"""Facts that tell whether two are one."""

SILENT = ("customers.", "notices.", "jobs.", "realtime.")
"""Parts whose events say nothing that a timeline shows."""


@on("identity.registered", imported=True, missed="catch_up")
def make_customer(event: Delivered) -> None:
    """Somebody registered: a customer with an account."""
    account_id = _ACCOUNT.value(event.account)
    if account_id is not None:
        services.for_account(account_id)


@on("identity.email_changed")
def follow_email(event: Delivered) -> None:
    """An account's new address is the customer's too."""
    account_id = _ACCOUNT.value(event.account)
    if account_id is not None:
        services.follow_account(account_id)


@on("identity.profile_changed")
def follow_name(event: Delivered) -> None:
    """An account's new name is the customer's too."""
    account_id = _OF_PROFILE.value(event.profile)
    if account_id is not None:
        services.follow_account(account_id)


@on("identity.group_changed")
def let_go(event: Delivered) -> None:
    """A group that is gone looks after nobody any more."""
    if event.change == "deleted":
        emit(LetGo(field="team"))


@on("customers.created")
@on("customers.changed", name="compare_changed")
@on("customers.organisation_created", name="compare_organisation")
@on("customers.organisation_changed", name="compare_changed_organisation")
def compare(event: Delivered) -> None:
    """Somebody new or changed may be somebody we know. An import is looked through by the nightly job."""
    if COMPARED & set(event.data.get("fields", COMPARED)):
        subject = next(subject for name, subject in SUBJECTS.items() if name in event.data)
        duplicates.look_at(subject, event.data[subject.name])


@on("customers.created", name="found_created")
@on("customers.changed", name="found_changed")
def keep_found(event: Delivered) -> None:
    """A customer is found by what it is called and reached by now. An import notes its rows by itself."""
    if event.name == "customers.created" or keys.FOUND_BY & set(event.fields):
        keys.write_for(CUSTOMER, event.customer)


@on("customers.merged", name="found_merged")
@on("customers.unmerged", name="found_unmerged")
def keep_merged_found(event: Delivered) -> None:
    """What was merged is found as the one that stays."""
    keys.write_for(CUSTOMER, event.kept, event.merged)


@on("customers.organisations_merged", name="found_organisations_merged")
@on("customers.organisations_unmerged", name="found_organisations_unmerged")
def keep_merged_organisation_found(event: Delivered) -> None:
    """The same for organisations."""
    keys.write_for(ORGANISATION, event.kept_organisation, event.merged_organisation)


@on("customers.organisation_created", name="found_organisation")
@on("customers.organisation_changed", name="found_organisation_changed")
def keep_organisation_found(event: Delivered) -> None:
    """The same for organisations."""
    if event.name == "customers.organisation_created" or keys.FOUND_BY & set(event.fields):
        keys.write_for(ORGANISATION, event.organisation)


@on("*")
def touch(event: Delivered) -> None:
    """Let an open customer page know that its timeline grew."""
    if event.actor_id is None or event.name.startswith(SILENT):
        return
    customer = _CUSTOMER.value(event.actor_id)
    if customer is not None:
        emit(CustomerTouched(customer=customer, event=event.name))
