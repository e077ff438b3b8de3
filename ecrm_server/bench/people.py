"""Accounts for benchmarks."""

from __future__ import annotations

from ecrm_server.access import Actor
from ecrm_server.identity import actors, testing
from ecrm_server.identity.models import Account


def member(name: str, *roles: str) -> Actor:
    """A new member, with roles if any are named, whose posts need no review."""
    return actors.of_account(testing.make_account(name, roles).id)


def cookie_of(person: Actor) -> str:
    """The ``Cookie`` header of a browser in which somebody signed in just now."""
    return testing.session_cookie(Account.get_by_id(person.account_id))
