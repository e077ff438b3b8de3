"""Roles and what they are allowed. Who holds a role is stored with the accounts."""

from __future__ import annotations

import peewee

from ecrm_server.data import MillisField, Model


class Role(Model):
    """A named set of permissions."""

    name = peewee.CharField(max_length=60, unique=True)
    title = peewee.CharField(max_length=120)
    description = peewee.TextField(default="")
    built_in = peewee.BooleanField(default=False)
    created_at = MillisField()

    class Meta:
        table_name = "role"


class RolePermission(Model):
    """A decision of an admin; without one the permission's declared default holds."""

    role = peewee.ForeignKeyField(Role, backref="+", on_delete="CASCADE")
    permission = peewee.CharField(max_length=120)
    allowed = peewee.BooleanField()

    class Meta:
        table_name = "role_permission"
        primary_key = peewee.CompositeKey("role", "permission")
