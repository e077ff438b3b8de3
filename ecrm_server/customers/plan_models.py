"""Account plans and their steps."""

from __future__ import annotations

import peewee

from ecrm_server.customers.models import Organisation
from ecrm_server.data import MillisField, Model, UidField
from ecrm_server.identity.models import Account


class Plan(Model):
    """What we want to reach with an organisation, and when we look at it again."""

    uid = UidField()
    organisation = peewee.ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
    title = peewee.CharField(max_length=160)
    goal = peewee.TextField(default="")
    owner = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
    review_on = peewee.CharField(max_length=10, null=True)
    state = peewee.CharField(max_length=10, default="open")
    """open, reached or dropped"""
    told_on = peewee.CharField(max_length=10, null=True)
    """The day of review of which its owner was told."""
    created_at = MillisField()
    updated_at = MillisField()
    version = peewee.IntegerField(default=1)

    class Meta:
        table_name = "account_plan"
        indexes = ((("state", "review_on"), False),)


class PlanStep(Model):
    """A step of a plan."""

    uid = UidField()
    plan = peewee.ForeignKeyField(Plan, backref="+", on_delete="CASCADE")
    title = peewee.CharField(max_length=200)
    owner = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
    due_on = peewee.CharField(max_length=10, null=True)
    told_on = peewee.CharField(max_length=10, null=True)
    """The due day of which its owner was told."""
    done_at = MillisField(null=True, default=None)
    position = peewee.IntegerField(default=0)
    version = peewee.IntegerField(default=1)

    class Meta:
        table_name = "account_plan_step"
