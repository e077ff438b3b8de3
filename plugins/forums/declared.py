"""What the forums store about people: what for, and how long."""

from __future__ import annotations

from ecrm_server.api import Prepared, Purpose, Retention

_OLD_DRAFTS = Prepared(
    "DELETE FROM forums_draft WHERE (account_id, context) IN"
    " (SELECT account_id, context FROM forums_draft WHERE updated_at < ? LIMIT ?)"
)
_PUBLISHED = "It is part of conversations that others read. Erasure takes your name off it."
_FOR_YOU = "The forums show you what is new to you and what you asked to hear of."

PURPOSES = [
    Purpose(
        key="forums.posts",
        title="What you write in the forums",
        about="Others read and answer it.",
        wording="Show what I write in the forums, with my name, to those who may read there",
        basis="contract",
    ),
    Purpose(
        key="forums.reading",
        title="What you have read in the forums",
        about=_FOR_YOU,
        wording="Remember how far I have read each topic",
        basis="contract",
    ),
]

RETENTION = [
    Retention(table="forums_topic", holds="Topics you opened", why=_PUBLISHED),
    Retention(table="forums_post", holds="What you wrote", why=_PUBLISHED),
    Retention(table="forums_revision", holds="Your edits", why="Readers see what was changed."),
    Retention(table="forums_post_vote", holds="Your votes", why="Good posts stand out. Erasure makes them anonymous."),
    Retention(table="forums_mention", holds="Where you are mentioned", why="You are told of it."),
    Retention(table="forums_award", holds="Badges you brought from elsewhere", why="Others see what you know."),
    Retention(table="forums_read_state", holds="How far you have read each topic", why=_FOR_YOU),
    Retention(table="forums_reader", holds="When you marked everything as read", why=_FOR_YOU),
    Retention(table="forums_watch", holds="What you watch and mute", why=_FOR_YOU),
    Retention(
        table="forums_draft",
        holds="Texts you did not send",
        why="You go on writing where you left off.",
        days=365,
        least=30,
        sweep=_OLD_DRAFTS.run,
    ),
    Retention(
        table="forums_sent",
        holds="That your browser sent a post",
        why="A post that is sent twice is made once.",
        fixed="a week",
    ),
]
