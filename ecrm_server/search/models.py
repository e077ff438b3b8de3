"""The search index: one row per document; the words beside it are the engine's own (see the migration)."""

from __future__ import annotations

import peewee

from ecrm_server.data import JSONText, MillisField, Model


class SearchDocument(Model):
    """A document as it was put in; the index of words can be made again from it."""

    id = peewee.BigAutoField()
    kind = peewee.CharField(max_length=120)
    uid = peewee.CharField(max_length=40)
    scope = peewee.CharField(max_length=120)
    title = peewee.TextField()
    body = peewee.TextField()
    author = peewee.TextField(default="")
    tags = JSONText(default=list)
    extra = JSONText(default=dict)
    at = MillisField()
    lang = peewee.CharField(max_length=20, null=True)

    class Meta:
        table_name = "search_document"
        indexes = ((("kind", "uid"), True),)
