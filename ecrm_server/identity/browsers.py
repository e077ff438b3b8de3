"""Which accounts signed in from a browser before: a cookie with a mark for each, which nobody else can make."""

from __future__ import annotations

import hmac

from ecrm_server import clock
from ecrm_server.identity.keys import derived
from ecrm_server.kernel import current

COOKIE = "ecrm_known"
PATH = "/login"
"""Only where people sign in is the cookie sent: other pages have no use for it."""
LIFE = 400 * clock.DAY
MOST = 8
"""How many accounts one browser remembers, the last ones that signed in."""
_SEPARATOR = "."


def knows(cookie: str, account_id: int) -> bool:
    """Whether the browser that sent this cookie (empty: none) signed in with the account before."""
    mark = _mark(account_id)
    return any(hmac.compare_digest(mark, one) for one in _marks(cookie))


def remembering(cookie: str, account_id: int) -> str:
    """The cookie's new value once the account has signed in."""
    mark = _mark(account_id)
    others = [one for one in _marks(cookie) if one != mark]
    return _SEPARATOR.join([mark, *others][:MOST])


def _marks(cookie: str) -> list[str]:
    return [one for one in cookie.split(_SEPARATOR) if one.isascii() and one.isalnum()]


def _mark(account_id: int) -> str:
    key = derived(current.generation().config.secret_key, "known browsers")
    return hmac.digest(key, str(account_id).encode(), "sha256").hex()[:32]
