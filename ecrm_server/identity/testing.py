"""Accounts and sessions for tests: real rows, without forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.content.names import slugify
from ecrm_server.identity import actors, passwords, services, sessions
from ecrm_server.identity.models import Account
from ecrm_server.identity.session import COOKIE

PASSWORD = "correct horse battery"


def make_account(name: str, roles: Iterable[str] = (), *, email: str = "", **more: Any) -> Account:
    """A confirmed account whose posts need no review; its password is ``PASSWORD``.

    The account has ``profile_id`` and ``profile_uid`` beside its columns.
    """
    address = email or f"{slugify(name, fallback='person')}@example.org"
    more.setdefault("posts_reviewed", True)
    return services.create_account(
        address, name, password_hash=_password_hash(), roles=roles, confirmed=True, via="command", **more
    )


def session_cookie(account: Account, *, remember: bool = False) -> str:
    """The ``Cookie`` header of a browser in which an account is signed in."""
    return f"{COOKIE}={session_key(account, remember=remember)}"


def session_key(account: Account, *, remember: bool = False) -> str:
    """The value of the session cookie of an account that has just signed in."""
    limits = sessions.Limits(idle=14 * clock.DAY, absolute=90 * clock.DAY)
    fresh = {"fs_paa": clock.now() / 1000}
    return sessions.open_for(account.id, fresh, limits, address="127.0.0.1", agent="tests", remember=remember)


def actor_of(account: Account) -> Actor:
    """The actor of an account in the generation in force."""
    return actors.of_account(account.id)


_hashed: list[str] = []


def _password_hash() -> str:
    if not _hashed:
        _hashed.append(passwords.hash_password(PASSWORD))
    return _hashed[0]


__all__ = ["COOKIE", "PASSWORD", "actor_of", "make_account", "session_cookie", "session_key"]
