"""What can be allowed in the forums. Levels per category come on top: see ``services/permissions.py``."""

from __future__ import annotations

from ecrm_server.api import Permission

_EVERYBODY = ("everyone", "member", "moderator", "staff")
_MEMBERS = ("member", "moderator", "staff")
_MODERATORS = ("moderator",)

PERMISSIONS = [
    Permission("forums.read", "Read the forums", default=_EVERYBODY),
    Permission("forums.open_topic", "Open topics", default=_MEMBERS),
    Permission("forums.reply", "Reply and comment", default=_MEMBERS),
    Permission("forums.edit_post", "Edit own posts", default=_MEMBERS),
    Permission("forums.delete_post", "Delete own posts", default=_MEMBERS),
    Permission("forums.vote", "Vote on posts of others", default=_MEMBERS),
    Permission("forums.accept_answer", "Accept an answer in own topics", default=_MEMBERS),
    Permission("forums.tag", "Change the tags of own topics", default=_MEMBERS),
    Permission("forums.create_tag", "Invent new tags", default=("moderator", "staff")),
    Permission("forums.upload_picture", "Put pictures into posts", default=_MEMBERS),
    Permission("forums.moderate", "Edit, move, close, pin, delete and restore anything", default=_MODERATORS),
    Permission("forums.manage_categories", "Make categories and say who may use them"),
]
