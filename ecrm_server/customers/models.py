"""Customers, organisations, who belongs to which, and what is known about them.

The columns of custom fields (``x_<code>``) are not here: an admin adds them while the site runs, see ``custom``.
"""

from __future__ import annotations

import peewee

from ecrm_server.data import JSONText, MillisField, Model, UidField
from ecrm_server.identity.models import Account, Group

STAGES = ("visitor", "lead", "customer", "advocate", "lapsed")
KINDS = ("customer", "partner")
ROLES = ("member", "admin")


class Facts(Model):
    """What customers and organisations have in common. A ``_key`` is the form in which a text is compared."""

    uid = UidField()
    name = peewee.CharField(max_length=160)
    name_key = peewee.CharField(max_length=320)
    number = peewee.CharField(max_length=60, null=True)
    """What the outside world calls it: the customer number of a shop, for example."""
    number_key = peewee.CharField(max_length=120, null=True, unique=True)
    email = peewee.CharField(max_length=254, null=True)
    email_key = peewee.CharField(max_length=254, null=True, index=True)
    phone = peewee.CharField(max_length=60, null=True)
    phone_key = peewee.CharField(max_length=40, null=True, index=True)
    city = peewee.CharField(max_length=120, null=True)
    """Of the main address, as is the country."""
    city_key = peewee.CharField(max_length=240, null=True)
    country = peewee.CharField(max_length=2, null=True)
    language = peewee.CharField(max_length=20, null=True)
    source = peewee.CharField(max_length=60, null=True)
    """Where we know it from: registration, import, or a word of the staff's."""
    stage = peewee.CharField(max_length=20)
    owner = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
    """Who of the staff looks after it."""
    team = peewee.ForeignKeyField(Group, null=True, backref="+", on_delete="SET NULL")
    created_at = MillisField()
    updated_at = MillisField()
    version = peewee.IntegerField(default=1)
    """Rises with each change of what stands in the row."""
    demo = peewee.BooleanField(default=False)


class Organisation(Facts):
    """A company or club that people belong to: a customer, or a partner that works with us."""

    slug = peewee.CharField(max_length=80, unique=True)
    kind = peewee.CharField(max_length=10, default="customer")
    bare_key = peewee.CharField(max_length=320, null=True, index=True)
    """The name's key without the legal form."""
    tax_number = peewee.CharField(max_length=40, null=True)
    tax_number_key = peewee.CharField(max_length=80, null=True, index=True)
    website = peewee.CharField(max_length=300, null=True)
    domain_key = peewee.CharField(max_length=254, null=True, index=True)
    """Of the website; of the main e-mail address the next."""
    mail_domain_key = peewee.CharField(max_length=254, null=True, index=True)
    merged_into = peewee.ForeignKeyField("self", null=True, backref="+", on_delete="CASCADE")

    class Meta:
        table_name = "organisation"
        indexes = ((("name_key", "id"), False),)
        only_save_dirty = True


class Customer(Facts):
    """A person we deal with, with or without an account."""

    account = peewee.ForeignKeyField(Account, null=True, unique=True, backref="+", on_delete="SET NULL")
    organisation = peewee.ForeignKeyField(Organisation, null=True, backref="+", on_delete="SET NULL")
    """The organisation the person mainly acts for; always one of its memberships."""
    birthday = peewee.CharField(max_length=10, null=True)
    """``YYYY-MM-DD``"""
    merged_into = peewee.ForeignKeyField("self", null=True, backref="+", on_delete="CASCADE")
    """The customer that this one turned out to be; who looks for this one finds that."""

    class Meta:
        table_name = "customer"
        indexes = ((("name_key", "id"), False),)
        only_save_dirty = True


class Membership(Model):
    """A person belongs to an organisation, as member or admin of it."""

    organisation = peewee.ForeignKeyField(Organisation, backref="+", on_delete="CASCADE", index=False)
    customer = peewee.ForeignKeyField(Customer, backref="+", on_delete="CASCADE")
    role = peewee.CharField(max_length=10, default="member")
    created_at = MillisField()

    class Meta:
        table_name = "membership"
        primary_key = peewee.CompositeKey("organisation", "customer")


class OfOne(Model):
    """Something that belongs to either a customer or an organisation."""

    id = peewee.BigAutoField()
    uid = UidField()
    customer = peewee.ForeignKeyField(Customer, null=True, backref="+", on_delete="CASCADE")
    organisation = peewee.ForeignKeyField(Organisation, null=True, backref="+", on_delete="CASCADE")
    created_at = MillisField()


class ContactPoint(OfOne):
    """An e-mail address or phone number beside the main one, which stands in the row itself."""

    kind = peewee.CharField(max_length=10)
    """email or phone"""
    value = peewee.CharField(max_length=254)
    value_key = peewee.CharField(max_length=254)
    label = peewee.CharField(max_length=40, default="")
    version = peewee.IntegerField(default=1)

    class Meta:
        table_name = "contact_point"
        indexes = ((("value_key", "kind"), False),)


class Address(OfOne):
    """A postal address. City and country of the main one stand in the customer's row too."""

    label = peewee.CharField(max_length=40, default="")
    street = peewee.CharField(max_length=300, default="")
    """Street and number; several lines where the country needs them."""
    postcode = peewee.CharField(max_length=20, default="")
    city = peewee.CharField(max_length=120, default="")
    region = peewee.CharField(max_length=120, default="")
    country = peewee.CharField(max_length=2, default="")
    main = peewee.BooleanField(default=False)
    version = peewee.IntegerField(default=1)

    class Meta:
        table_name = "address"
        indexes = ((("postcode",), False),)


class CustomerTag(Model):
    """A tag of a customer."""

    customer = peewee.ForeignKeyField(Customer, backref="+", on_delete="CASCADE", index=False)
    tag = peewee.CharField(max_length=60)

    class Meta:
        table_name = "customer_tag"
        primary_key = peewee.CompositeKey("customer", "tag")
        indexes = ((("tag", "customer"), False),)


class OrganisationTag(Model):
    """A tag of an organisation."""

    organisation = peewee.ForeignKeyField(Organisation, backref="+", on_delete="CASCADE", index=False)
    tag = peewee.CharField(max_length=60)

    class Meta:
        table_name = "organisation_tag"
        primary_key = peewee.CompositeKey("organisation", "tag")
        indexes = ((("tag", "organisation"), False),)


class CustomerKey(Model):
    """Something under which a customer is found; see ``keys``."""

    kind = peewee.CharField(max_length=1)
    """n: a word of the name. e: an e-mail address. p: a phone number, its last digit first. u: the number."""
    key = peewee.CharField(max_length=254)
    customer = peewee.ForeignKeyField(Customer, backref="+", on_delete="CASCADE")

    class Meta:
        table_name = "customer_key"
        primary_key = peewee.CompositeKey("kind", "key", "customer")


class OrganisationKey(Model):
    """Something under which an organisation is found."""

    kind = peewee.CharField(max_length=1)
    key = peewee.CharField(max_length=254)
    organisation = peewee.ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")

    class Meta:
        table_name = "organisation_key"
        primary_key = peewee.CompositeKey("kind", "key", "organisation")


class KeyDue(Model):
    """Rows from an import whose keys are still to be written: all from one id to another."""

    id = peewee.BigAutoField()
    subject = peewee.CharField(max_length=20)
    first_id = peewee.IntegerField()
    last_id = peewee.IntegerField()
    created_at = MillisField()

    class Meta:
        table_name = "customer_key_due"


class CustomField(Model):
    """A fact that an admin added. Its values are a column ``x_<code>`` of the subject's table, or ``CustomChoice``s."""

    uid = UidField()
    subject = peewee.CharField(max_length=20)
    """customer or organisation"""
    code = peewee.CharField(max_length=30)
    title = peewee.CharField(max_length=80)
    help = peewee.CharField(max_length=300, default="")
    kind = peewee.CharField(max_length=10)
    choices = JSONText(default=dict)
    """code -> title"""
    currency = peewee.CharField(max_length=3, default="")
    required = peewee.BooleanField(default=False)
    indexed = peewee.BooleanField(default=False)
    position = peewee.IntegerField(default=0)
    archived_at = MillisField(null=True, default=None)
    created_at = MillisField()

    class Meta:
        table_name = "custom_field"
        indexes = ((("subject", "code"), True),)


class CustomChoice(Model):
    """One of several choices made for a customer or an organisation."""

    id = peewee.BigAutoField()
    field = peewee.ForeignKeyField(CustomField, backref="+", on_delete="CASCADE", index=False)
    customer = peewee.ForeignKeyField(Customer, null=True, backref="+", on_delete="CASCADE", index=False)
    organisation = peewee.ForeignKeyField(Organisation, null=True, backref="+", on_delete="CASCADE", index=False)
    choice = peewee.CharField(max_length=60)

    class Meta:
        table_name = "custom_choice"


class FieldRule(Model):
    """Which roles may read and edit a field, own or custom; None stands for all who see the customer."""

    subject = peewee.CharField(max_length=20)
    field = peewee.CharField(max_length=60)
    read_roles = JSONText(null=True)
    edit_roles = JSONText(null=True)

    class Meta:
        table_name = "customer_field_rule"
        primary_key = peewee.CompositeKey("subject", "field")


class Activity(OfOne):
    """What staff log: a note, a call, a meeting, a mail or a task."""

    customer = peewee.ForeignKeyField(Customer, null=True, backref="+", on_delete="CASCADE", index=False)
    organisation = peewee.ForeignKeyField(Organisation, null=True, backref="+", on_delete="CASCADE", index=False)
    kind = peewee.CharField(max_length=10)
    subject = peewee.CharField(max_length=200)
    text = peewee.TextField(default="")
    html = peewee.TextField(default="")
    at = MillisField()
    """When it took place."""
    minutes = peewee.IntegerField(null=True)
    due_at = MillisField(null=True, default=None)
    done_at = MillisField(null=True, default=None)
    pinned = peewee.BooleanField(default=False)
    author = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
    assignee = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL", index=False)
    mail = peewee.CharField(max_length=40, null=True)
    """The mail in the outbox."""
    thread = peewee.ForeignKeyField("self", null=True, backref="+", on_delete="SET NULL")
    """The mail that this one and others answer; it stands on the timeline with them."""
    shown_at = MillisField(default=0)
    """Where it stands on the timeline: when it took place, or when the last mail of its thread came."""
    updated_at = MillisField()
    edited_at = MillisField(null=True, default=None)
    """When its words were changed last."""
    told_at = MillisField(null=True, default=None)
    """The due time of which whoever does it was told."""
    version = peewee.IntegerField(default=1)
    """Rises as its words change; pinning and finishing are no change of words."""

    class Meta:
        table_name = "activity"
        indexes = ((("customer", "at"), False), (("organisation", "at"), False))


class ReceivedMail(Model):
    """What is known of a mail that came in, beside its row among the activities."""

    activity = peewee.ForeignKeyField(Activity, primary_key=True, backref="+", on_delete="CASCADE")
    answers = peewee.ForeignKeyField(Activity, null=True, backref="+", on_delete="SET NULL")
    """The mail of ours that it answers, or that did not arrive."""
    message_id = peewee.CharField(max_length=254)
    nature = peewee.CharField(max_length=10)
    """answer, automatic or bounce"""
    reason = peewee.CharField(max_length=300)
    """Why a mail did not arrive."""
    name = peewee.CharField(max_length=160)
    address = peewee.CharField(max_length=254)
    quoted = peewee.TextField()
    files = JSONText()
    cut = peewee.BooleanField()

    class Meta:
        table_name = "received_mail"


class Removed(OfOne):
    """Something that was removed from a page, with all that is needed to put it back. Kept for a day."""

    kind = peewee.CharField(max_length=10)
    """contact, address, activity, member, plan or step"""
    data = JSONText()
    actor = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")

    class Meta:
        table_name = "customer_removed"
        indexes = ((("created_at",), False),)


class DuplicatePair(Model):
    """Two customers, or two organisations, that may be one; the first has the smaller key."""

    id = peewee.BigAutoField()
    uid = UidField()
    subject = peewee.CharField(max_length=20)
    first_id = peewee.IntegerField()
    second_id = peewee.IntegerField()
    score = peewee.IntegerField()
    """0 to 100"""
    reasons = JSONText()
    state = peewee.CharField(max_length=10, default="open")
    """open, merged or dismissed"""
    found_at = MillisField()
    decided_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "duplicate_pair"
        indexes = (
            (("subject", "first_id", "second_id"), True),
            (("subject", "second_id"), False),
            (("subject", "state", "score", "id"), False),
        )


class Merge(Model):
    """A merge, with all that is needed to undo it."""

    id = peewee.BigAutoField()
    uid = UidField()
    subject = peewee.CharField(max_length=20)
    kept_id = peewee.IntegerField()
    merged_id = peewee.IntegerField()
    before = JSONText()
    moved = JSONText()
    """part -> what it remembers of the rows it moved"""
    actor = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
    at = MillisField()
    undone_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "customer_merge"
        indexes = ((("subject", "kept_id"), False), (("subject", "merged_id"), False))


class Claim(Model):
    """An invitation to make the account of a customer whom we knew before."""

    customer = peewee.ForeignKeyField(Customer, unique=True, backref="+", on_delete="CASCADE")
    invitation = peewee.CharField(max_length=40, index=True)
    email = peewee.CharField(max_length=254)
    created_at = MillisField()

    class Meta:
        table_name = "customer_claim"
