"""Where the forums stand in the menus."""

from __future__ import annotations

from ecrm_server.api import SIGNED_IN, NavItem

ITEMS = [
    NavItem("forums", "Forums", "/forums", icon="messages", permission="forums.read", order=10),
    NavItem("forums.new", "New topic", "/forums/new", "message-plus", "forums.open_topic", place="new"),
    NavItem("forums.latest", "Latest topics", "/forums/latest", "clock", "forums.read", place="command"),
    NavItem("forums.unread", "Unread topics", "/forums/unread", "inbox", SIGNED_IN, place="command"),
    NavItem("forums.tags", "Tags", "/forums/tags", "tags", "forums.read", place="command"),
    NavItem(
        "forums.categories",
        "Forum categories",
        "/forums/admin/categories",
        icon="category",
        permission="forums.manage_categories",
        place="admin",
        group="Content",
    ),
]
