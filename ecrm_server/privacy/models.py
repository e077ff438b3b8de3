"""Requests for one's data and for erasure, what is still to be erased, consents."""

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


class Consent(Model):
    """What somebody agreed to, in which words; only ``withdrawn_at`` ever changes."""

    id = peewee.BigAutoField()
    uid = UidField()
    account_id = peewee.BigIntegerField()
    purpose = peewee.CharField(max_length=40)
    basis = peewee.CharField(max_length=20, default="consent")
    """The lawful basis (GDPR, article 6): consent, contract, obligation or interest."""
    wording = peewee.TextField()
    source = peewee.CharField(max_length=120)
    at = MillisField()
    withdrawn_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "consent"
