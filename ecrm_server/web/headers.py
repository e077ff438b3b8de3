"""Response headers of every page: what the browser may load, keep and tell others."""

from __future__ import annotations

import re
from functools import lru_cache

from flask import g, has_request_context, request
from werkzeug.wrappers import Response

PRIVATE = "no-store, private"
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'{socket}; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
    "midi=(), payment=(), usb=(), browsing-topics=()"
)
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": _PERMISSIONS,
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_ATTRIBUTE = "_ecrm_public_seconds"


def public_cache(seconds: int) -> None:
    """Called in a view whose answer is the same for every anonymous visitor: caches may keep it ``seconds`` long.

    It has no effect on an answer that sets a cookie, and never on one of a signed-in person (``secure`` is told).
    """
    setattr(g, _ATTRIBUTE, seconds)


def never_public() -> None:
    """Take ``public_cache`` back: this answer tells one visitor something."""
    setattr(g, _ATTRIBUTE, None)


def secure(response: Response, *, signed_in: bool = False) -> Response:
    """Add the security headers to ``response`` and return it; headers that the view set itself stay.

    ``signed_in`` overrules ``public_cache``: what a person sees is never kept by a cache.
    """
    headers = response.headers
    present = {name.lower() for name, _ in headers}
    for lowered, name, value in _always(*_origin()):
        if lowered not in present:
            headers.add(name, value)
    if "cache-control" not in present:
        headers.add("Cache-Control", _cache_control(response, signed_in))
        if "vary" in present:
            response.vary.add("Cookie")
        else:
            headers.add("Vary", "Cookie")
    return response


def _cache_control(response: Response, signed_in: bool) -> str:
    seconds = getattr(g, _ATTRIBUTE, None) if has_request_context() else None
    if seconds is None or signed_in or "Set-Cookie" in response.headers or response.status_code >= 400:
        return PRIVATE
    return f"public, max-age={seconds}"


def _origin() -> tuple[str, bool]:
    if not has_request_context():
        return "", False
    return request.host if _HOST.fullmatch(request.host) else "", request.is_secure


@lru_cache(maxsize=64)
def _always(host: str, encrypted: bool) -> tuple[tuple[str, str, str], ...]:
    """The headers of every answer: name in lower case, name, value."""
    found = {"Content-Security-Policy": _policy(host, encrypted), **_FIXED}
    if encrypted:
        found["Strict-Transport-Security"] = "max-age=31536000"
    return tuple((name.lower(), name, value) for name, value in found.items())


def _policy(host: str, encrypted: bool) -> str:
    """The page policy; older Safari does not count ws: as 'self', so the socket's origin is named too."""
    socket = f" {'wss' if encrypted else 'ws'}://{host}" if host else ""
    return _POLICY.format(socket=socket)
