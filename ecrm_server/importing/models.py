"""The runs of imports, what they changed, and mappings kept by name."""

from __future__ import annotations

import peewee

from ecrm_server.data import JSONText, MillisField, Model, UidField


class ImportRun(Model):
    """One import. ``phase`` and ``position`` say how far it is: so many rows of that phase are committed."""

    uid = UidField()
    kind = peewee.CharField(max_length=40)
    """The name of the import kind, or of the command, such as ``stackexchange``."""
    source = peewee.CharField(max_length=200)
    """What is imported: the name of a site, for example."""
    path = peewee.CharField(max_length=500)
    digest = peewee.CharField(max_length=64)
    """Of all files and options: only the same input goes on where a run stopped."""
    state = peewee.CharField(max_length=12)
    """``running``, ``finished``, or ``superseded`` by a run with other input. Of a table also ``draft`` (uploaded),
    ``checking``, ``checked``, ``undoing`` and ``undone``."""
    phase = peewee.CharField(max_length=40, default="")
    position = peewee.BigIntegerField(default=0)
    counts = JSONText(default=dict)
    started_at = MillisField()
    updated_at = MillisField()
    finished_at = MillisField(null=True, default=None)
    options = JSONText(default=dict)
    """Of a table: see ``Options``."""
    report = JSONText(default=dict)
    """What the last pass found: ``problems``, and ``refusals`` of an undo."""
    total = peewee.BigIntegerField(null=True)
    """Rows of the file, once they were counted."""
    account_id = peewee.BigIntegerField(null=True)
    """Who imports; None on the command line and after an erasure."""
    job = peewee.CharField(max_length=40, default="")
    """The last job that worked on it."""
    file = peewee.CharField(max_length=120, default="")
    """The uploaded file in the store; empty on the command line and once it was deleted."""
    error_file = peewee.CharField(max_length=120, default="")

    class Meta:
        table_name = "import_run"


class ImportChange(Model):
    """What an import did with one object: what undo restores, and how local edits are told from imported values."""

    id = peewee.BigAutoField()
    run = peewee.ForeignKeyField(ImportRun, backref="+", on_delete="CASCADE", index=False)
    row_number = peewee.BigIntegerField()
    kind = peewee.CharField(max_length=40)
    object_uid = peewee.CharField(max_length=40)
    what = peewee.CharField(max_length=8)
    """``created``, ``updated``, ``seen`` (it was so already) or ``failed`` (then ``before`` says why)."""
    before = JSONText(default=dict)
    """Of an update field -> value before, which may be personal data; of a creation the digest of the whole object."""
    after = JSONText(default=dict)
    """field -> digest of the value that the file brought."""

    class Meta:
        table_name = "import_change"
        indexes = ((("object_uid", "kind"), False), (("run", "id"), False))


class ImportTemplate(Model):
    """How files of a kind are mapped and read, kept by name."""

    uid = UidField()
    kind = peewee.CharField(max_length=40)
    name = peewee.CharField(max_length=80)
    options = JSONText(default=dict)
    account_id = peewee.BigIntegerField(null=True)
    created_at = MillisField()

    class Meta:
        table_name = "import_template"
        indexes = ((("kind", "name"), True),)
