"""The outbox and what became of each event at each subscriber."""

from __future__ import annotations

import peewee

from ecrm_server.data import JSONText, MillisField, Model


class EventRow(Model):
    """One event, written in the transaction of the change it tells of."""

    id = peewee.BigAutoField()
    uid = peewee.CharField(max_length=36, unique=True)
    name = peewee.CharField(max_length=100)
    version = peewee.IntegerField(default=1)
    data = JSONText()
    at = MillisField()
    actor_id = peewee.BigIntegerField(null=True)
    """Account that acted, or null for the system."""
    imported = peewee.BooleanField(default=False)
    delivered_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "event"


class EventDelivery(Model):
    """What became of one event at one subscriber; the pair is claimed in the transaction of the effect."""

    event = peewee.ForeignKeyField(EventRow, backref="+", on_delete="CASCADE", index=False)
    subscriber = peewee.CharField(max_length=120)
    state = peewee.CharField(max_length=10)
    """done, retry, or dead."""
    attempts = peewee.IntegerField(default=0)
    next_at = MillisField(null=True, default=None)
    error = peewee.TextField(default="")
    at = MillisField()

    class Meta:
        table_name = "event_delivery"
        primary_key = peewee.CompositeKey("event", "subscriber")
