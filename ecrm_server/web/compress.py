"""Pages over the wire in a third of their size or less.

Only documents are packed here; static files keep their packed form, and answers of the API are small. A secret of a
page cannot be guessed from the sizes of packed answers: requests of other sites do not carry the session cookie.
"""

from __future__ import annotations

import gzip

from flask import request
from werkzeug.wrappers import Response

LEVEL = 4
"""Half a millisecond for a long page; the highest level takes three times as long for one per cent."""
LEAST = 1_000
"""Bytes; what is smaller fits one packet anyway."""


def packed(response: Response) -> Response:
    """The answer, with gzip where it is a whole page and the browser takes that."""
    if response.mimetype != "text/html" or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    if not takes_gzip(request.environ) or (response.content_length or 0) < LEAST:
        return response
    response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response


def takes_gzip(environ: dict[str, object]) -> bool:
    """Whether the browser unpacks gzip; one that names it with a weight of nothing is no browser."""
    return "gzip" in str(environ.get("HTTP_ACCEPT_ENCODING", ""))
