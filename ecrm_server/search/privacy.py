"""The index holds copies of what other parts store; only a person's name is its own to forget."""

from __future__ import annotations

import json

from ecrm_server.data import Prepared
from ecrm_server.search import index
from ecrm_server.search.document import Document

_NAME = Prepared("SELECT name FROM profile WHERE id = ?")


def _documents(name: str) -> list[Document]:

    rows = Prepared(
        "SELECT kind, uid, scope, title, body, author, tags, extra, at, lang FROM search_document WHERE author = ?"
    ).rows(name)
    return [
        Document(
            row["kind"], row["uid"], row["scope"], row["title"], row["body"], row["at"], "",
            tuple(json.loads(row["tags"])), json.loads(row["extra"]), row["lang"],
        )
        for row in rows
    ]  # fmt: skip


def forget(profile_id: int) -> None:
    """Take a person's name from the documents; their texts are removed by the parts that own them."""
    name = _NAME.value(profile_id)
    if name:
        index.put_many(_documents(str(name)))
