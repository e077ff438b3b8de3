"""What parts ask before they publish something: show it at once, or hold it for a moderator?"""

from __future__ import annotations

from dataclasses import dataclass

from ecrm_server.access import Actor
from ecrm_server.data import Prepared
from ecrm_server.errors import Forbidden
from ecrm_server.identity import services as identity
from ecrm_server.settings.store import setting

REVIEW = "moderation.review"

_APPROVED = Prepared(
    "SELECT count(*) FROM review_item WHERE author_id = ? AND state = 'approved' AND why IN ('first_post', 'links')"
)
_ACCOUNT = Prepared("SELECT account_id FROM profile WHERE id = ?")


@dataclass(frozen=True, slots=True)
class Screened:
    """Whether to hold something back, and why: first_post, links or honeypot (empty when not held)."""

    hold: bool = False
    why: str = ""


def screen(actor: Actor, *, links: int = 0, honeypot: str = "") -> Screened:
    """Look at what an actor wants to publish.

    links: how many links to other sites it holds. honeypot: the value of a field that people do not see. What is to be
    held is stored but shown to nobody else, and put before the moderators with ``hold``; a filled honeypot is not
    mentioned to the author. Raises Forbidden for a silenced person.
    """
    if actor.silenced:
        raise Forbidden("You may read but not write at present. Your decisions page says why and until when.")
    if honeypot.strip():
        return Screened(True, "honeypot")
    if actor.may(REVIEW) or actor.posts_reviewed:
        return Screened()
    if links > setting("moderation.newcomer_links"):
        return Screened(True, "links")
    if setting("moderation.first_posts") > 0:
        return Screened(True, "first_post")
    return Screened()


def note_undone(author_profile_id: int | None) -> None:
    """After a newcomer's post was let through by a slip: with too few others, the next ones wait again."""
    if author_profile_id is None or _APPROVED.value(author_profile_id) >= setting("moderation.first_posts"):
        return
    account_id = _ACCOUNT.value(author_profile_id)
    if account_id is not None:
        identity.set_posts_reviewed(account_id, False)


def note_approved(author_profile_id: int | None) -> None:
    """After a newcomer's post was let through: enough of them, and the next appear at once."""
    if author_profile_id is None or _APPROVED.value(author_profile_id) < setting("moderation.first_posts"):
        return
    account_id = _ACCOUNT.value(author_profile_id)
    if account_id is not None:
        identity.set_posts_reviewed(account_id, True)
