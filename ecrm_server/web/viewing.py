"""Seeing the site as somebody else, in requests: what is refused meanwhile, and what the banner on every page says."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request
from flask_babel import gettext

from ecrm_server.access import Actor
from ecrm_server.errors import ReadingOnly
from ecrm_server.web import i18n
from ecrm_server.web.i18n import Language

LEAVING = frozenset({"view_as.end", "security.logout"})
"""The only changes that somebody who looks as another person may ask for."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PROGRAMS = "/api/v"


@dataclass(frozen=True, slots=True)
class Banner:
    """The words of the banner, in the language of whoever looks."""

    text: str
    back: str
    refused: str
    language: Language


def require_looking(endpoint: str, actor: Actor) -> None:
    """Raise ReadingOnly for a request that would do more than look, or look at what only the person may see."""
    from ecrm_server.web.app import current_app

    if endpoint in LEAVING:
        return
    if request.method not in _SAFE or request.path.startswith(_PROGRAMS):
        raise ReadingOnly(banner(actor).refused)
    if endpoint in current_app().own_eyes:
        with i18n.spoken_to(actor.viewed_by):
            raise ReadingOnly(
                gettext("Only %(name)s sees this page: sign-in, keys, drafts and data stay private.", name=actor.name)
            )


def banner(actor: Actor | None = None) -> Banner:
    """What to say to who looks as the actor of the request."""
    seen: Actor = actor or g.actor
    with i18n.spoken_to(seen.viewed_by) as language:
        return Banner(
            gettext("You see the site as %(name)s.", name=seen.name),
            gettext("Back to myself"),
            gettext("You see the site as %(name)s and can only look. Nothing was changed.", name=seen.name),
            language,
        )
