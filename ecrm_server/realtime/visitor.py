"""Who is behind a socket: the only place where live updates meet the session cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecrm_server.access import Actor


def cookie_of(environ: dict[str, Any]) -> str:
    """The session cookie of a handshake, or "". It is a secret: keep it out of logs and messages."""
    from werkzeug.http import parse_cookie

    from ecrm_server.identity.session import COOKIE

    return parse_cookie(environ).get(COOKIE, "")


def actor_of(cookie: str) -> Actor:
    """The person a session cookie stands for right now; anonymous for none, an unknown or a revoked one."""
    from ecrm_server.identity.session import actor_of_cookie

    return actor_of_cookie(cookie)
