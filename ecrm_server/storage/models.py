"""What is known of every stored file; its bytes are in the store."""

from __future__ import annotations

import peewee

from ecrm_server.data import MillisField, Model, UidField
from ecrm_server.identity.models import Profile


class StoredFile(Model):
    """An accepted file. Who may read it follows from what it hangs on (``attached_kind``, ``attached_uid``)."""

    id = peewee.BigAutoField()
    uid = UidField()
    key = peewee.CharField(max_length=120, unique=True, column_name="store_key")
    """The key in the store; it never leaves the server."""
    media_type = peewee.CharField(max_length=120)
    name = peewee.CharField(max_length=120)
    """Shown, and offered at a download."""
    size = peewee.BigIntegerField()
    """Bytes."""
    width = peewee.IntegerField(null=True)
    """Pixels of a picture, else None."""
    height = peewee.IntegerField(null=True)
    owner = peewee.ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
    """The profile that uploaded it; None when the server did, or after an erasure."""
    attached_kind = peewee.CharField(max_length=120, default="")
    """A declared file kind, or empty while it hangs on nothing and is its owner's alone."""
    attached_uid = peewee.CharField(max_length=40, default="")
    created_at = MillisField()

    class Meta:
        table_name = "stored_file"
