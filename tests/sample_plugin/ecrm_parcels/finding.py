"""Parcels in the search, by the beginning of their code: for the desk, by a query of our own."""

from __future__ import annotations

from ecrm_server.api import Actor, Hit, Prepared, SearchSource, name_key

from .desk import READ

_BEGINS = Prepared(
    "SELECT uid, code, state FROM parcels_parcel WHERE substr(code_key, 1, ?) = ? ORDER BY code_key LIMIT ?"
)


def by_code(text: str, actor: Actor, limit: int) -> list[Hit]:
    """Whoever may read parcels reads them all, so there is nothing to leave out."""
    start = name_key(text)
    return [
        Hit("parcels.parcel", row["uid"], row["code"], f"/parcels/parcel/{row['uid']}", hint=row["state"])
        for row in _BEGINS.rows(len(start), start, limit)
    ]


PARCELS = SearchSource("parcels.parcel", "Parcels", "mail", READ.name, by_code)
