"""What moderation holds about people, and how long."""

from __future__ import annotations

from ecrm_server.privacy.kind import Retention

_WHY = "Decisions can be explained, appealed and reported, as the law on digital services asks."

TABLES = [
    Retention(table="moderation_decision", holds="Decisions about what you wrote, and appeals", why=_WHY),
    Retention(table="review_item", holds="What you wrote that was held back or flagged", why=_WHY),
    Retention(table="flag", holds="What you flagged", why=_WHY),
]
