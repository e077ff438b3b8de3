"""The tables of parcels."""

from __future__ import annotations

import peewee

from ecrm_server.api import MillisField, Model, UidField


class Parcel(Model):
    """A parcel that lies at the desk."""

    uid = UidField()
    code = peewee.CharField(max_length=40)
    code_key = peewee.CharField(max_length=80, default="")
    """The code as it is compared and sorted."""
    state = peewee.CharField(max_length=10, default="here")
    """here, called or gone."""
    version = peewee.IntegerField(default=1)
    changed_by = peewee.CharField(max_length=120, default="")
    announced = peewee.IntegerField(default=0)
    created_at = MillisField()
    sender = peewee.CharField(max_length=254, null=True)
    country = peewee.CharField(max_length=2, null=True)
    size = peewee.CharField(max_length=10, null=True)
    weight = peewee.DoubleField(null=True)
    """Kilograms."""
    pieces = peewee.BigIntegerField(null=True)
    worth = peewee.BigIntegerField(null=True)
    """Cents."""
    fragile = peewee.BooleanField(null=True)
    due = peewee.CharField(max_length=10, null=True)
    sent_at = peewee.BigIntegerField(null=True)
    phone = peewee.CharField(max_length=40, null=True)
    labels = peewee.TextField(null=True)
    """A JSON list."""

    class Meta:
        table_name = "parcels_parcel"


class Wish(Model):
    """Where somebody wants parcels to be left."""

    account_id = peewee.BigIntegerField(primary_key=True)
    door = peewee.CharField(max_length=80)
    changed_at = MillisField()

    class Meta:
        table_name = "parcels_wish"
