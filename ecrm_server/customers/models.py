"""Customers, organisations, and who belongs to which."""

from __future__ import annotations

import peewee

from ecrm_server.data import MillisField, Model, UidField
from ecrm_server.identity.models import Account

STAGES = ("lead", "prospect", "active", "former")
KINDS = ("customer", "partner")
ROLES = ("member", "admin")


class Organisation(Model):
    """A company or club that people belong to: a customer, or a partner that works with us."""

    uid = UidField()
    name = peewee.CharField(max_length=160)
    name_key = peewee.CharField(max_length=320)
    slug = peewee.CharField(max_length=80, unique=True)
    kind = peewee.CharField(max_length=10, default="customer")
    created_at = MillisField()
    demo = peewee.BooleanField(default=False)

    class Meta:
        table_name = "organisation"
        indexes = ((("name_key", "id"), False),)
        only_save_dirty = True


class Customer(Model):
    """A person we deal with, with or without an account."""

    uid = UidField()
    name = peewee.CharField(max_length=160)
    name_key = peewee.CharField(max_length=320)
    email = peewee.CharField(max_length=254, null=True)
    email_key = peewee.CharField(max_length=254, null=True, index=True)
    account = peewee.ForeignKeyField(Account, null=True, unique=True, backref="+", on_delete="SET NULL")
    organisation = peewee.ForeignKeyField(Organisation, null=True, backref="+", on_delete="SET NULL")
    """The organisation the person mainly acts for; always one of its memberships."""
    stage = peewee.CharField(max_length=20, default="lead")
    owner = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
    """Who of the staff looks after the customer."""
    created_at = MillisField()
    demo = peewee.BooleanField(default=False)

    class Meta:
        table_name = "customer"
        indexes = ((("name_key", "id"), False),)
        only_save_dirty = True


class Membership(Model):
    """A person belongs to an organisation, as member or admin of it."""

    organisation = peewee.ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    customer = peewee.ForeignKeyField(Customer, backref="+", on_delete="CASCADE")
    role = peewee.CharField(max_length=10, default="member")
    created_at = MillisField()

    class Meta:
        table_name = "membership"
        primary_key = peewee.CompositeKey("organisation", "customer")
