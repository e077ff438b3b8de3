"""The first administrator, and trying the demo: both only on the machine itself."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ecrm_server import clock
from ecrm_server.access import SYSTEM
from ecrm_server.access.permission import ADMIN
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound
from ecrm_server.identity import demo, keys, passwords, services, zones
from ecrm_server.identity.address import came_through_proxy
from ecrm_server.identity.models import Account
from ecrm_server.kernel import current

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from ecrm_server.config import Config

LIFE = 7 * clock.DAY
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_INSERT = Prepared("INSERT INTO claim_link (token_hash, created_at, expires_at) VALUES (?, ?, ?)")
_DROP_UNUSED = Prepared("DELETE FROM claim_link WHERE used_at IS NULL")
_VALID = Prepared("SELECT 1 FROM claim_link WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?")
_USED = Prepared("SELECT 1 FROM claim_link WHERE token_hash = ? AND used_at IS NOT NULL")
_USE = Prepared(
    "UPDATE claim_link SET used_at = ? WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?"
)


def make_claim_link(config: Config) -> str:
    """A link that makes its visitor the administrator, once, within a week. Earlier unused links end."""
    token, now = keys.new_secret(), clock.now()
    with transaction():
        _DROP_UNUSED.run()
        _INSERT.run(keys.digest(token), now, now + LIFE)
    return f"{config.base_url}/claim/{token}"


def is_wanted(config: Config) -> bool:
    """Whether a claim link may be used at all: while nobody administers the site, or in a demo."""
    return config.is_loopback and (config.demo or not services.has_admin())


def is_local(request: Request) -> bool:
    """Whether a request came straight to this machine's own address, through no proxy."""
    host = urlsplit(f"//{request.host}").hostname
    config = current.generation().config
    return config.is_loopback and host in LOOPBACK and not came_through_proxy(request)


def require_claimable(request: Request, token: str) -> None:
    """Raise NotFound unless this request may use this claim link now."""
    allowed = is_local(request) and is_wanted(current.generation().config)
    if not allowed or _VALID.value(keys.digest(token), clock.now()) is None:
        raise NotFound()


def was_used(request: Request, token: str) -> bool:
    """Whether a claim link made somebody the administrator before; told on the machine itself alone."""
    return is_local(request) and _USED.value(keys.digest(token)) is not None


def claim(token: str, *, name: str, email: str, password: str, timezone: str = "") -> Account:
    """Make the administrator's account. Raises NotFound when the link was used meanwhile."""
    hashed = passwords.new_hash(password, email, name)
    with transaction():
        _use(token)
        return services.create_account(
            email, name, password_hash=hashed, roles=(ADMIN,), confirmed=True, via="claim", posts_reviewed=True,
            timezone=zones.known(timezone),
        )  # fmt: skip


def claim_for(token: str, account: Account) -> None:
    """Make an account that is signed in an administrator."""
    with transaction():
        _use(token)
        services.set_roles(SYSTEM, account, {*services.roles_of(account.id), ADMIN})


def _use(token: str) -> None:
    now = clock.now()
    if _USE.run(now, keys.digest(token), now) != 1:
        raise NotFound()


def try_as_available(request: Request) -> bool:
    """Whether visitors may sign in as one of the demo's people: ``--demo``, and nobody but this machine listens."""
    return current.generation().config.demo and is_local(request) and _from_here(request) and demo.is_loaded()


def _from_here(request: Request) -> bool:
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
