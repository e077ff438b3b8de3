"""Answers kept for requests that may be repeated."""

from __future__ import annotations

import peewee

from ecrm_server.data import MillisField, Model


class IdempotentAnswer(Model):
    """The answer to a POST that carried an ``Idempotency-Key``; ``status`` 0 while the request is being worked on."""

    account_id = peewee.BigIntegerField()
    key = peewee.CharField(max_length=100)
    digest = peewee.CharField(max_length=64)
    status = peewee.IntegerField(default=0)
    body = peewee.TextField(default="")
    at = MillisField()

    class Meta:
        table_name = "rest_idempotent_answer"
        primary_key = peewee.CompositeKey("account_id", "key")
