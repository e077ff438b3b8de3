"""Who agreed to what, in which words; and the visits that people agreed to have recorded."""

from __future__ import annotations

import peewee

from ecrm_server.data import MillisField, Model, UidField


class ConsentRecord(Model):
    """One decision. The database refuses to change or delete it."""

    id = peewee.BigAutoField()
    uid = UidField()
    account_id = peewee.BigIntegerField(null=True, index=True)
    visitor = peewee.CharField(max_length=64, null=True, index=True)
    """The hash of the random id in the cookie; with an account: of the visitor who became it."""
    purpose = peewee.CharField(max_length=80)
    decision = peewee.CharField(max_length=10)
    """given or withdrawn"""
    basis = peewee.CharField(max_length=20)
    source = peewee.CharField(max_length=20)
    place = peewee.CharField(max_length=200, default="")
    """The path of the page, or what else says where."""
    version = peewee.IntegerField()
    wording = peewee.TextField()
    digest = peewee.CharField(max_length=64)
    """SHA-256 of the wording."""
    actor_id = peewee.BigIntegerField(null=True)
    """The account that wrote it down; staff, when it was told to them."""
    at = MillisField()

    class Meta:
        table_name = "consent_record"


class ConsentState(Model):
    """The newest decision of an account or a visitor about a purpose."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField(null=True)
    visitor = peewee.CharField(max_length=64, null=True)
    purpose = peewee.CharField(max_length=80)
    given = peewee.BooleanField()
    version = peewee.IntegerField()
    at = MillisField()

    class Meta:
        table_name = "consent_state"
        indexes = ((("account_id", "purpose"), True), (("visitor", "purpose"), True))


class Visit(Model):
    """Pages seen one after the other, with pauses of less than half an hour, by somebody who agreed to this."""

    id = peewee.BigAutoField()
    uid = UidField()
    account_id = peewee.BigIntegerField(null=True, index=True)
    visitor = peewee.CharField(max_length=64, null=True, index=True)
    source = peewee.CharField(max_length=200, default="")
    """The host of the page that led here."""
    search_term = peewee.CharField(max_length=200, default="")
    utm_source = peewee.CharField(max_length=120, default="")
    utm_medium = peewee.CharField(max_length=120, default="")
    utm_campaign = peewee.CharField(max_length=120, default="")
    utm_term = peewee.CharField(max_length=120, default="")
    utm_content = peewee.CharField(max_length=120, default="")
    landing = peewee.CharField(max_length=300)
    last_path = peewee.CharField(max_length=300)
    pages = peewee.IntegerField(default=1)
    started_at = MillisField()
    last_at = MillisField(index=True)

    class Meta:
        table_name = "visit"


class VisitPage(Model):
    """A page of a visit: its path, never its query."""

    id = peewee.BigAutoField()
    visit = peewee.ForeignKeyField(Visit, backref="+", on_delete="CASCADE")
    path = peewee.CharField(max_length=300)
    at = MillisField()

    class Meta:
        table_name = "visit_page"


class PutOff(Model):
    """A question to which somebody said "not now"."""

    account_id = peewee.BigIntegerField()
    question = peewee.CharField(max_length=80)
    until = MillisField()

    class Meta:
        table_name = "question_put_off"
        primary_key = peewee.CompositeKey("account_id", "question")
