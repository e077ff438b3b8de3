"""The address a request comes from, believing only proxies that the configuration names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.kernel import current

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

FORWARDED = ("Forwarded", "Via", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP")


def client_address(request: Request) -> str:
    """The visitor's address: the connection's, or the one the outermost trusted proxy saw.

    Whoever writes X-Forwarded-For themselves only prepends to the list; trusted proxies are counted from its end.
    """
    direct = request.remote_addr or ""
    trusted = current.generation().config.trusted_proxies
    if not trusted or "werkzeug.proxy_fix.orig" in request.environ:
        return direct
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return chain[-trusted] if len(chain) >= trusted else direct


def came_through_proxy(request: Request) -> bool:
    """Whether any header says that a proxy passed the request on."""
    names = {name.title() for name, _ in request.headers}
    return any(name.title() in names for name in FORWARDED) or any(name.startswith("X-Forwarded") for name in names)
