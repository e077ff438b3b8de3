"""The segments' tables. Services read and write them with prepared SQL; nothing else changes them.

Rows about customers name them by key without a foreign key: checking one for each of a million members takes longer
than finding them. A trigger on the table of customers forgets the rows of those that are deleted (see the migration).
Times are milliseconds since 1970 UTC.
"""

from __future__ import annotations

import peewee

from ecrm_server.api import Account, JSONText, MillisField, Model, UidField

KINDS = ("rule", "list")
STATES = ("new", "building", "ready", "broken")


class State(Model):
    """One row (id 1), which everything that changes memberships locks first.

    version: another number after each change of a segment; parsed rules are kept in memory under it. as_of: the end of
    the analysis day that memberships are of; None for now. filled, filling: whether the purchases were read, and are
    being read.
    """

    version = peewee.BigIntegerField(default=1)
    as_of = MillisField(null=True)
    filled = peewee.BooleanField(default=False)
    filling = peewee.BooleanField(default=False)

    class Meta:
        table_name = "segments_state"


class Segment(Model):
    """A group of customers.

    kind: ``rule`` or ``list`` (kept by hand). rule: the tree, None for a list. traits: what the rule asks, by name.
    version: rises with each edit; two editors are told apart by it. state: ``new`` until it is first built,
    ``building``, ``ready``, or ``broken`` with the sentence in ``fault``. build: counts the builds; one that is
    overtaken by the next leaves off. member_count is kept in the transaction of each change.
    """

    uid = UidField()
    title = peewee.CharField(max_length=120)
    title_key = peewee.CharField(max_length=240, unique=True)
    description = peewee.TextField(default="")
    kind = peewee.CharField(max_length=10)
    rule = JSONText(null=True)
    traits = JSONText()
    version = peewee.IntegerField(default=1)
    state = peewee.CharField(max_length=10)
    fault = peewee.TextField(default="")
    build = peewee.IntegerField(default=0)
    member_count = peewee.BigIntegerField(default=0)
    built_at = MillisField(null=True)
    owner = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
    archived_at = MillisField(null=True)
    demo = peewee.BooleanField(default=False)
    created_at = MillisField()
    updated_at = MillisField()

    class Meta:
        table_name = "segments_segment"


class Member(Model):
    """A customer is in a segment, since that time."""

    segment_id = peewee.IntegerField()
    customer_id = peewee.IntegerField()
    since = MillisField()

    class Meta:
        table_name = "segments_member"
        primary_key = peewee.CompositeKey("segment_id", "customer_id")


class Next(Model):
    """When time alone may change whether a customer is in a segment."""

    segment_id = peewee.IntegerField()
    customer_id = peewee.IntegerField()
    at = MillisField()

    class Meta:
        table_name = "segments_next"
        primary_key = peewee.CompositeKey("segment_id", "customer_id")


class Touched(Model):
    """A customer that something happened to while a segment was built; it is looked at again before the end.

    segment_id: 0 for a customer with new purchases while all of them are read anew.
    """

    segment_id = peewee.IntegerField()
    customer_id = peewee.IntegerField()

    class Meta:
        table_name = "segments_touched"
        primary_key = peewee.CompositeKey("segment_id", "customer_id")


class Passage(Model):
    """A customer entered (or left) a segment; for the timeline. cause: ``event``, ``time`` or ``hand``."""

    id = peewee.BigAutoField()
    customer_id = peewee.IntegerField()
    segment_id = peewee.IntegerField()
    entered = peewee.BooleanField()
    cause = peewee.CharField(max_length=10)
    at = MillisField()

    class Meta:
        table_name = "segments_passage"


class Purchases(Model):
    """What a customer bought and kept, in one currency: first and last order, how many, and what they brought.

    spent: minor units without tax, less what returns and cancellations took back.
    """

    customer_id = peewee.IntegerField()
    currency = peewee.CharField(max_length=3)
    first_at = MillisField()
    last_at = MillisField()
    orders = peewee.IntegerField()
    spent = peewee.BigIntegerField()

    class Meta:
        table_name = "segments_purchases"
        primary_key = peewee.CompositeKey("customer_id", "currency")
