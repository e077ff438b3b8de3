"""How far the mailbox was read, and which answers were taken from it."""

from __future__ import annotations

import peewee

from ecrm_server.data import MillisField, Model


class Mailbox(Model):
    """The mailbox that is set; one row. No message of it is stored here."""

    name = peewee.CharField(max_length=400, primary_key=True)
    validity = peewee.BigIntegerField(default=0)
    """The UIDVALIDITY under which ``last_uid`` was read."""
    last_uid = peewee.BigIntegerField(default=0)
    looked_at = MillisField(null=True, default=None)
    """When it was last read without a fault."""
    next_at = MillisField(default=0)
    failures = peewee.IntegerField(default=0)
    """How many times in a row it could not be read."""
    error = peewee.TextField(default="")
    stumbles = peewee.IntegerField(default=0)
    """How many times the message after ``last_uid`` could not be stored."""
    answers = peewee.BigIntegerField(default=0)
    bounces = peewee.BigIntegerField(default=0)
    others = peewee.BigIntegerField(default=0)
    """Messages that answer no mail of ours."""
    unreadable = peewee.BigIntegerField(default=0)

    class Meta:
        table_name = "mailbox"


class Taken(Model):
    """Fingerprints of messages that were stored: a mailbox that is numbered anew brings none of them again."""

    key = peewee.CharField(max_length=64, primary_key=True)
    at = MillisField(index=True)

    class Meta:
        table_name = "mailbox_taken"
