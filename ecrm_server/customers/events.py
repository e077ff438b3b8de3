"""What happens to customers and organisations; ids are public ids."""

from __future__ import annotations

from ecrm_server.events import Event


class CustomerCreated(Event, name="customers.created"):
    """A customer was made: by staff, or for a new account."""

    customer: str


class CustomerChanged(Event, name="customers.changed"):
    """Facts about a customer changed. ``fields`` are their names, such as ``stage``, ``tags``, ``x_size``."""

    customer: str
    fields: list


class CustomerTouched(Event, name="customers.touched"):
    """A customer did something that an event of another part tells of; ``event`` is its name."""

    customer: str
    event: str


class LetGo(Event, name="customers.let_go"):
    """Who looked after customers and organisations is gone: a person or a group (``field``: owner or team).

    It names none of them, since they may be many: nobody looks after them now.
    """

    field: str


class CustomerInvited(Event, name="customers.invited"):
    """A customer whom we know was sent a link to make the account."""

    customer: str


class CustomersMerged(Event, name="customers.merged"):
    """Two customers turned out to be one: ``merged`` is now ``kept``, and everything that hung on it."""

    kept: str
    merged: str


class CustomersUnmerged(Event, name="customers.unmerged"):
    """A merge was undone."""

    kept: str
    merged: str


class Logged(Event, name="customers.logged"):
    """Staff logged something, or changed what was logged; or a mail came in.

    ``kind``: note, call, meeting, mail or task. ``change``: logged, changed, pinned, unpinned, done, reopened or
    deleted; of mails received (an answer came) or undelivered (a mail of ours came back).
    """

    customer: str | None
    organisation: str | None
    activity: str
    kind: str
    change: str


class OrganisationCreated(Event, name="customers.organisation_created"):
    """An organisation was made."""

    organisation: str


class OrganisationChanged(Event, name="customers.organisation_changed"):
    """Facts about an organisation changed; ``fields`` are their names."""

    organisation: str
    fields: list


class OrganisationsMerged(Event, name="customers.organisations_merged"):
    """Two organisations turned out to be one, with everything that hung on the merged one, its people too."""

    kept_organisation: str
    merged_organisation: str


class OrganisationsUnmerged(Event, name="customers.organisations_unmerged"):
    """A merge of organisations was undone."""

    kept_organisation: str
    merged_organisation: str


class MemberAdded(Event, name="customers.member_added"):
    """A person joined an organisation, or has another role in it."""

    organisation: str
    customer: str
    role: str


class MemberRemoved(Event, name="customers.member_removed"):
    """A person left an organisation."""

    organisation: str
    customer: str


class PlanChanged(Event, name="customers.plan_changed"):
    """An account plan was made, changed or deleted, or one of its steps (``change`` says which)."""

    organisation: str
    plan: str
    change: str


class FieldChanged(Event, name="customers.field_changed"):
    """An admin made, changed, archived or deleted a field, or decided who reads it (``change``: rule).

    ``subject``: customer or organisation. ``field``: its name.
    """

    subject: str
    field: str
    change: str


ALL: list[type[Event]] = [
    CustomerCreated,
    CustomerChanged,
    CustomerTouched,
    Logged,
    LetGo,
    CustomersMerged,
    CustomersUnmerged,
    CustomerInvited,
    OrganisationCreated,
    OrganisationChanged,
    OrganisationsMerged,
    OrganisationsUnmerged,
    MemberAdded,
    MemberRemoved,
    FieldChanged,
    PlanChanged,
]
