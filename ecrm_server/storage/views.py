"""Serving stored files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from flask import Response, g, request

from ecrm_server.access import ANYONE, needs
from ecrm_server.storage import services
from ecrm_server.storage.kind import PUBLIC
from ecrm_server.storage.serving import headers_for
from ecrm_server.web.blueprint import CoreBlueprint

pages = CoreBlueprint("storage", __name__)

_YEAR = 31_536_000
_CHUNK = 65_536


@pages.get("/files/<name>")
@needs(ANYONE)
def file(name: str) -> Response:
    """A file, if what it hangs on may be read; otherwise 404, as for one that does not exist."""
    row = services.readable(g.actor, name)
    # The content behind an address never changes; shared caches may keep only what everybody may see.
    shared = "public" if row["attached_kind"] == PUBLIC else "private"
    response = Response(headers=headers_for(row["media_type"], row["name"], inline=True))
    response.headers["Cache-Control"] = f"{shared}, max-age={_YEAR}, immutable"
    if shared == "private":
        response.vary.add("Cookie")  # whoever signs in next in this browser asks anew
    response.set_etag(row["uid"])
    if request.if_none_match.contains(row["uid"]):
        response.status_code = 304
        return response
    response.headers["Content-Length"] = str(row["size"])
    if request.method != "HEAD":
        response.response = _chunks(services.open_file(row))
    return response


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
