"""The site answers under its own address only, so that no forged Host header reaches a link, a cache or a mail."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from ecrm_server.kernel import current

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PROBES = {"/healthz", "/readyz", "/metrics"}
"""Asked by load balancers and supervisors under whatever name they know."""


def answer() -> Response | None:
    """A redirect from 127.0.0.1 to localhost (passkeys refuse bare addresses), a refusal of foreign hosts, or None."""
    host = hostname()
    base = urlsplit(current.generation().config.base_url)
    if host == base.hostname or request.path in PROBES:
        return None
    if base.hostname == "localhost" and host in LOOPBACK:
        if request.method not in ("GET", "HEAD") or request.path.startswith("/api/"):
            return None
        port = urlsplit(f"//{request.host}").port
        return redirect(
            f"{base.scheme}://localhost{f':{port}' if port else ''}{request.full_path.rstrip('?')}"
        )
    raise BadRequest(
        f"This site answers at {base.geturl()} only. Its administrator sets the address as ECRM_BASE_URL."
    )


def hostname() -> str:
    """The name in the Host header, without the port; empty when it makes no sense."""
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return ""
