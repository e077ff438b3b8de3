"""Mail to be sent, notices in the bell, and what people want to hear of."""

from __future__ import annotations

import peewee

from ecrm_server.data import JSONText, MillisField, Model, UidField


class Mail(Model):
    """The outbox: every mail is a row first, in the transaction of what it tells of."""

    id = peewee.BigAutoField()
    uid = UidField()
    state = peewee.CharField(max_length=10)
    """waiting, sent, failed, or held (no mail server is set)."""
    kind = peewee.CharField(max_length=120, default="")
    account_id = peewee.BigIntegerField(null=True)
    to = peewee.CharField(max_length=254, column_name="recipient")
    subject = peewee.TextField()
    text = peewee.TextField()
    html = peewee.TextField(null=True)
    headers = JSONText(default=dict)
    attempts = peewee.IntegerField(default=0)
    next_at = MillisField()
    error = peewee.TextField(default="")
    created_at = MillisField()
    sent_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "mail"


class Notice(Model):
    """Something a person was told. While it is unread, more of the same group is counted into it."""

    id = peewee.BigAutoField()
    uid = UidField()
    account_id = peewee.BigIntegerField()
    kind = peewee.CharField(max_length=120)
    title = peewee.TextField()
    url = peewee.TextField()
    excerpt = peewee.TextField(default="")
    actor_id = peewee.BigIntegerField(null=True)
    """Profile of the one who did it."""
    group_key = peewee.CharField(max_length=200, default="")
    number = peewee.IntegerField(default=1)
    """How many of its group it stands for."""
    at = MillisField()
    read_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "notice"


class NoticePreference(Model):
    """A person's decision about one kind on one channel; without one the kind's default holds."""

    account_id = peewee.BigIntegerField()
    kind = peewee.CharField(max_length=120)
    channel = peewee.CharField(max_length=20)
    wanted = peewee.BooleanField()

    class Meta:
        table_name = "notice_preference"
        primary_key = peewee.CompositeKey("account_id", "kind", "channel")
