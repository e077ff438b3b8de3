"""What other plugins may ask the forums, plain data in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecrm_server.api import Prepared

from . import personal

_TOPICS = Prepared("SELECT COALESCE(SUM(topic_count), 0) FROM forums_category")
_PROFILE = Prepared("SELECT id FROM profile WHERE uid = ?")


def topic_count() -> int:
    """How many topics are listed in all categories."""
    return int(_TOPICS.value())


def activity(profile: str) -> dict[str, int]:
    """How many posts, topics and accepted answers a person (public id of the profile) wrote; zeros for nobody."""
    profile_id = _PROFILE.value(profile)
    found: dict[str, Any] = personal.counts(profile_id) if profile_id is not None else {}
    return {name: int(found.get(name, 0)) for name in ("posts", "topics", "answers")}


SERVICES: dict[str, Callable[..., Any]] = {"forums.topic_count@1": topic_count, "forums.activity@1": activity}
