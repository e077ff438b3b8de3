"""The seals themselves."""

from __future__ import annotations

import peewee

from ecrm_server.data import JSONText, MillisField, Model


class SealChain(Model):
    """The head of a chain; its row is the lock that lets one process seal at a time."""

    name = peewee.CharField(max_length=60, primary_key=True)
    number = peewee.BigIntegerField(default=0)
    digest = peewee.CharField(max_length=64)

    class Meta:
        table_name = "seal_chain"


class Seal(Model):
    """One batch: which records, their digests, and the hash over them and the seal before."""

    chain = peewee.CharField(max_length=60)
    number = peewee.BigIntegerField()
    at = MillisField()
    records = JSONText()
    """(key, digest) pairs."""
    previous = peewee.CharField(max_length=64)
    digest = peewee.CharField(max_length=64)

    class Meta:
        table_name = "seal"
        primary_key = peewee.CompositeKey("chain", "number")
