"""Posts under moderation."""

from __future__ import annotations

from ecrm_server.api import ModeratedKind

from .services import moderating

POST = ModeratedKind(
    "forums.post",
    "Post",
    load=moderating.load,
    may_see=moderating.may_see,
    hide=moderating.hide,
    restore=moderating.restore,
    approve=moderating.approve,
    may_review=moderating.may_review,
)
