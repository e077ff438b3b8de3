"""What is asked before something is published: may it be seen at once, or does a moderator look first?"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from ecrm_server.api import (
    Actor,
    Cooked,
    Prepared,
    Refusal,
    clock,
    generation,
    hold_for_review,
    is_importing,
    screen,
    setting,
)

POST = "forums.post"
_WRITTEN_SINCE = Prepared("SELECT COUNT(*) FROM forums_post WHERE author_id = ? AND created_at > ?")


def why_held(actor: Actor, cooked: Cooked, honeypot: str) -> str:
    """The reason to hold a text back, or an empty text to publish it. Raises Refusal for a newcomer in a hurry."""
    if is_importing():
        return ""
    if not actor.posts_reviewed:
        _slow_down(actor)
    links = sum(1 for _ in _foreign(cooked.links))
    return screen(actor, links=links, honeypot=honeypot).why


def hold(post_uid: str, why: str, author_id: int | None) -> None:
    """Put a post before the moderators, in the transaction that wrote it."""
    hold_for_review(POST, post_uid, why, author_profile_id=author_id)


def _slow_down(actor: Actor) -> None:
    limit = setting("forums.newcomer_posts_per_hour")
    if limit and _WRITTEN_SINCE.value(actor.profile_id, clock.now() - clock.HOUR) >= limit:
        raise Refusal(f"Newcomers can write {limit} posts an hour. Try again a little later.")


def _foreign(links: Iterable[str]) -> Iterable[str]:
    own = urlsplit(generation().config.base_url).netloc
    return (link for link in links if urlsplit(link).netloc not in ("", own))
