"""Permissions as core and plugins declare them, and the roles that the product starts with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

EVERYONE = "everyone"
"""The role every visitor has, signed in or not."""
MEMBER = "member"
"""The role of every signed-in person with a confirmed account."""
MODERATOR = "moderator"
STAFF = "staff"
ADMIN = "admin"
"""Holds every permission, those of plugins enabled later included."""

BUILT_IN_ROLES = (EVERYONE, MEMBER, MODERATOR, STAFF, ADMIN)


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that can be allowed.

    name: ``<part>.<verb>`` or ``<part>.<verb>_<noun>``, for example ``forums.reply``.
    title: what it allows, as the role editor shows it.
    default: built-in roles that hold it until an admin decides otherwise (``admin`` always does).
    implies: narrower permissions that come with it: who sees all customers sees the own ones.
    """

    name: str
    title: str
    default: tuple[str, ...] = ()
    implies: tuple[str, ...] = ()


def with_implied(names: Iterable[str], declared: Mapping[str, Permission]) -> frozenset[str]:
    """Permissions together with all that they imply."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(declared[name].implies if name in declared else ())
    return frozenset(found)
