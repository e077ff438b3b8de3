"""What the forums do when something has happened. Effects in the database happen once for each event."""

from __future__ import annotations

from ecrm_server.api import Delivered, on

from .services import personal, telling


@on("forums.replied", missed="catch_up")
def tell_watchers(event: Delivered) -> None:
    """Notices to watchers of the topic, its category and tags, and to those mentioned."""
    telling.of_post(event, telling.REPLY, "{name} replied in “{topic}”")


@on("forums.topic_opened", missed="catch_up")
def tell_of_topic(event: Delivered) -> None:
    """Notices to watchers of the category and tags of a new topic, and to those mentioned."""
    telling.of_post(event, telling.TOPIC, "{name} opened “{topic}”")


@on("forums.answer_accepted", missed="catch_up")
def tell_author_of_answer(event: Delivered) -> None:
    """A notice to whoever wrote the accepted answer."""
    telling.of_acceptance(event)


@on("identity.profile_changed", missed="catch_up")
def show_new_name(event: Delivered) -> None:
    """Pages that visitors have in memory show the new name."""
    personal.profile_changed(event.profile)
