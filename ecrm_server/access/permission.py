"""Permissions as core and plugins declare them, and the roles that the product starts with."""

from __future__ import annotations

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
    """

    name: str
    title: str
    default: tuple[str, ...] = ()
