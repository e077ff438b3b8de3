"""The runs of imports."""

from __future__ import annotations

import peewee

from ecrm_server.data import JSONText, MillisField, Model, UidField


class ImportRun(Model):
    """One import. ``phase`` and ``position`` say how far it is: so many rows of that phase are committed."""

    uid = UidField()
    kind = peewee.CharField(max_length=40)
    """The command's name, such as ``stackexchange``."""
    source = peewee.CharField(max_length=200)
    """What is imported: the name of a site, for example."""
    path = peewee.CharField(max_length=500)
    digest = peewee.CharField(max_length=64)
    """Of all files and options: only the same input goes on where a run stopped."""
    state = peewee.CharField(max_length=12)
    """``running``, ``finished``, or ``superseded`` by a run with other input."""
    phase = peewee.CharField(max_length=40, default="")
    position = peewee.BigIntegerField(default=0)
    counts = JSONText(default=dict)
    started_at = MillisField()
    updated_at = MillisField()
    finished_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "import_run"
