"""The audit log: who did what to which object, written once."""

from __future__ import annotations

import peewee

from ecrm_server.data import JSONText, MillisField, Model, UidField
from ecrm_server.seals import Commitment, sealed


class AuditEntry(Model):
    """One action. The actor's name, and what the object was before and after, stand beside the seal as commitments."""

    id = peewee.BigAutoField()
    uid = UidField()
    at = MillisField()
    action = peewee.CharField(max_length=120)
    actor_account_id = peewee.BigIntegerField(null=True)
    actor_kind = peewee.CharField(max_length=10)
    """person, key (an API key of that account), visitor or system."""
    obj_kind = peewee.CharField(max_length=80, default="")
    obj_uid = peewee.CharField(max_length=120, default="")
    actor_commitment = peewee.CharField(max_length=64)
    actor_salt = peewee.CharField(max_length=32, null=True)
    actor_name = peewee.TextField(null=True)
    actor_key = peewee.TextField(null=True)
    """The name as it is compared."""
    detail_commitment = peewee.CharField(max_length=64)
    detail_salt = peewee.CharField(max_length=32, null=True)
    before = JSONText(null=True)
    after = JSONText(null=True)
    note = peewee.TextField(null=True)
    seal = peewee.BigIntegerField(null=True)

    class Meta:
        table_name = "audit_entry"


CHAIN = sealed(
    "audit_entry",
    ("at", "action", "actor_account_id", "actor_kind", "obj_kind", "obj_uid"),
    commitments=(
        Commitment("actor_commitment", "actor_salt", ("actor_name",)),
        Commitment("detail_commitment", "detail_salt", ("before", "after", "note")),
    ),
    name="audit",
)
