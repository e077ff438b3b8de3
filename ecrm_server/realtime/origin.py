"""Which pages may open a socket: only the site's own. A browser sends cookies along from any page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from ecrm_server.config import Config

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"http": 80, "https": 443}


def allowed(config: Config, environ: dict[str, Any]) -> bool:
    """Whether a handshake may go on.

    With an Origin, it must be that of the site's address; a site on this machine's loopback address may also be
    called by its other loopback names at the same port. Without one (no browser) there must be no cookie.
    """
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return not environ.get("HTTP_COOKIE")
    if _same(origin, config.base_url):
        return True
    return (config.testing or config.is_loopback) and _loopback(origin, environ)


def _split(address: str) -> tuple[SplitResult, int | None] | None:
    try:
        parts = urlsplit(address)
        return parts, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None


def _same(origin: str, base_url: str) -> bool:
    ours, theirs = _split(base_url), _split(origin)
    if ours is None or theirs is None or theirs[0].hostname is None or "@" in theirs[0].netloc:
        return False
    return (theirs[0].scheme, theirs[0].hostname, theirs[1]) == (ours[0].scheme, ours[0].hostname, ours[1])


def _loopback(origin: str, environ: dict[str, Any]) -> bool:
    theirs, host = _split(origin), _split(f"http://{environ.get('HTTP_HOST', '')}")
    if theirs is None or host is None or "@" in theirs[0].netloc:
        return False
    names = {theirs[0].hostname, host[0].hostname}
    return theirs[0].scheme == "http" and names <= _LOOPBACK and theirs[1] == host[1]
