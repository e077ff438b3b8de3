"""Requests for one's data and for erasure, what is still to be erased, how the periods were kept."""

from __future__ import annotations

import peewee

from ecrm_server.data import MillisField, Model, UidField


class DataRequest(Model):
    """Somebody asked for a copy of the own data, or for erasure."""

    id = peewee.BigAutoField()
    uid = UidField()
    kind = peewee.CharField(max_length=10)
    """export or erasure."""
    account_id = peewee.BigIntegerField(index=True)
    asked_by = peewee.BigIntegerField(null=True)
    state = peewee.CharField(max_length=10, default="waiting")
    """waiting, running, ready (an export), done (an erasure), failed or expired."""
    job = peewee.CharField(max_length=40, default="")
    error = peewee.TextField(default="")
    file = peewee.CharField(max_length=120, null=True)
    at = MillisField()
    finished_at = MillisField(null=True, default=None)
    expires_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "data_request"
        only_save_dirty = True


class ErasureDebt(Model):
    """A part that was off when a person was erased: it is asked as soon as it is on again."""

    account_id = peewee.BigIntegerField()
    profile_id = peewee.BigIntegerField()
    part = peewee.CharField(max_length=60)
    at = MillisField()
    error = peewee.TextField(default="")

    class Meta:
        table_name = "erasure_debt"
        primary_key = peewee.CompositeKey("account_id", "part")


class RetentionRun(Model):
    """What the nightly job did to one table."""

    id = peewee.BigAutoField()
    name = peewee.CharField(max_length=80)
    """The table."""
    days = peewee.IntegerField()
    at = MillisField()
    removed = peewee.IntegerField()
    error = peewee.TextField(default="")

    class Meta:
        table_name = "retention_run"
        indexes = ((("name", "id"), False),)
