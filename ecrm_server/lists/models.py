"""Stored views of lists, and what bulk actions did."""

from __future__ import annotations

import peewee

from ecrm_server.data import JSONText, MillisField, Model, UidField


class ListView(Model):
    """A view that somebody stored: filter, sort, columns and grouping of one list."""

    id = peewee.BigAutoField()
    uid = UidField()
    list = peewee.CharField(max_length=120)
    """Name of the ``ListKind``."""
    owner_id = peewee.BigIntegerField()
    """Account that may change it."""
    title = peewee.CharField(max_length=80)
    state = JSONText()
    shared = peewee.CharField(max_length=10, default="nobody")
    """nobody, group or everybody (who may see the list)."""
    group_id = peewee.BigIntegerField(null=True)
    """The group it is shared with."""
    version = peewee.IntegerField(default=1)
    created_at = MillisField()
    updated_at = MillisField()

    class Meta:
        table_name = "list_view"


class ListDefault(Model):
    """Which view opens first for a person."""

    account_id = peewee.BigIntegerField()
    list = peewee.CharField(max_length=120)
    view = peewee.ForeignKeyField(ListView, on_delete="CASCADE", backref="+")

    class Meta:
        table_name = "list_default"
        primary_key = peewee.CompositeKey("account_id", "list")


class ListBulk(Model):
    """One bulk action: what was asked for, how far it is, whether it was undone."""

    id = peewee.BigAutoField()
    uid = UidField()
    list = peewee.CharField(max_length=120)
    action = peewee.CharField(max_length=60)
    value = peewee.CharField(max_length=200, default="")
    account_id = peewee.BigIntegerField(null=True)
    """Who asked for it; null once the account is erased."""
    rows = JSONText()
    """``{"uids": [...]}``, or ``{"filter": ..., "q": ...}`` for all that match."""
    as_of = MillisField()
    """The moment that the filter's windows of time are measured from."""
    last_id = peewee.BigIntegerField(default=0)
    """Rows up to this one were looked at already."""
    top_id = peewee.BigIntegerField()
    """Greatest row when it was asked for: rows made since are left alone."""
    total = peewee.IntegerField(null=True)
    """Rows that matched when the job began; null until then."""
    done = peewee.IntegerField(default=0)
    state = peewee.CharField(max_length=10, default="waiting")
    """waiting, running, done, failed, undoing or undone."""
    error = peewee.TextField(default="")
    created_at = MillisField()
    finished_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "list_bulk"


class ListBulkStep(Model):
    """What one step of a bulk action needs to be undone; kept for a day."""

    bulk = peewee.ForeignKeyField(ListBulk, on_delete="CASCADE", backref="+")
    number = peewee.IntegerField()
    rows = peewee.IntegerField()
    undo = JSONText(null=True)

    class Meta:
        table_name = "list_bulk_step"
        primary_key = peewee.CompositeKey("bulk", "number")
