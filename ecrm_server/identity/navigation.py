"""Entries of the person's and the administration's menus."""

from __future__ import annotations

from ecrm_server.access import SIGNED_IN
from ecrm_server.web.navigation import NavItem

ITEMS = [
    NavItem("identity.me", "Profile and settings", "/me", "user-edit", SIGNED_IN, 10, "person"),
    NavItem(
        "identity.security", "Sign-in and security", "/me/security", "shield-lock", SIGNED_IN, 20, "person"
    ),
    NavItem("identity.api_keys", "API keys", "/me/api-keys", "key", SIGNED_IN, 30, "person"),
    NavItem(
        "identity.people",
        "People",
        "/admin/people",
        "users",
        "identity.manage_accounts",
        30,
        "admin",
        "People",
    ),
    NavItem(
        "identity.invitations",
        "Invitations",
        "/admin/invitations",
        "user-plus",
        "identity.invite",
        32,
        "admin",
        "People",
    ),
    NavItem(
        "identity.groups",
        "Groups",
        "/admin/groups",
        "users-group",
        "access.manage_roles",
        34,
        "admin",
        "People",
    ),
    NavItem(
        "identity.roles",
        "Roles",
        "/admin/roles",
        "shield-check",
        "access.manage_roles",
        36,
        "admin",
        "People",
    ),
]
