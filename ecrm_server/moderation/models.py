"""Flags, the one review queue, and decisions with their statements and appeals."""

from __future__ import annotations

import peewee

from ecrm_server.data import MillisField, Model, UidField
from ecrm_server.identity.models import Account, Profile


def _account() -> peewee.ForeignKeyField:
    return peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")


class Decision(Model):
    """What was decided about an object or a person, told to its author as a statement of reasons."""

    id = peewee.BigAutoField()
    uid = UidField()
    obj_kind = peewee.CharField(max_length=80)
    obj_uid = peewee.CharField(max_length=40)
    title = peewee.TextField(default="")
    """What the object was called when it was decided on."""
    url = peewee.TextField(default="")
    author = peewee.ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
    measure = peewee.CharField(max_length=10)
    """hide, suspend, silence or none."""
    reason = peewee.CharField(max_length=40)
    rule = peewee.TextField(default="")
    """The words of the reason when it was decided, which settings may change later."""
    statement = peewee.TextField(default="")
    automated = peewee.BooleanField(default=False)
    until = MillisField(null=True, default=None)
    decided_by = _account()
    at = MillisField()
    appealable_until = MillisField(null=True, default=None)
    appeal_state = peewee.CharField(max_length=10, default="none")
    """none, open, upheld (the decision stands) or overturned."""
    appeal_text = peewee.TextField(default="")
    appeal_at = MillisField(null=True, default=None)
    appeal_answer = peewee.TextField(default="")
    appeal_decided_by = _account()
    appeal_decided_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "moderation_decision"
        only_save_dirty = True


class ReviewItem(Model):
    """One question for the moderators. An object has at most one open question, and one open appeal."""

    id = peewee.BigAutoField()
    uid = UidField()
    obj_kind = peewee.CharField(max_length=80)
    obj_uid = peewee.CharField(max_length=40)
    author = peewee.ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
    why = peewee.CharField(max_length=20)
    """flagged, first_post, links, honeypot or appeal."""
    state = peewee.CharField(max_length=10, default="open")
    """open, approved or hidden; of an appeal approved means that the author was right."""
    flags = peewee.IntegerField(default=0)
    decision = peewee.ForeignKeyField(Decision, null=True, backref="+", on_delete="SET NULL")
    at = MillisField()
    decided_by = _account()
    decided_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "review_item"
        only_save_dirty = True


class Flag(Model):
    """Somebody thinks that an object breaks a rule; one open flag per person and object."""

    id = peewee.BigAutoField()
    uid = UidField()
    obj_kind = peewee.CharField(max_length=80)
    obj_uid = peewee.CharField(max_length=40)
    reason = peewee.CharField(max_length=40)
    text = peewee.TextField(default="")
    reporter = _account()
    state = peewee.CharField(max_length=10, default="open")
    """open, upheld or dismissed."""
    at = MillisField()

    class Meta:
        table_name = "flag"
