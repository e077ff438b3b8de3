"""What the forums tell people about, each to be switched on or off by everybody."""

from __future__ import annotations

from ecrm_server.api import NoticeKind

from .services import telling

KINDS = [
    NoticeKind(telling.REPLY, "Replies in topics you watch"),
    NoticeKind(telling.TOPIC, "New topics in categories and tags you watch"),
    NoticeKind(telling.MENTION, "Somebody mentions you"),
    NoticeKind(telling.ACCEPTED, "Your reply becomes the answer"),
]
