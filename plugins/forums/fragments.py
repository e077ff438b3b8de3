"""Drawn pieces of pages, kept in memory.

A post is drawn once for each way in which it looks: its version, the reader's language and time zone, what the reader
may do with it, and how its age is written. Nothing about a single reader is in it: the CSRF token stands in one form
of the page that all buttons name (``form="act"``), and what is unread is marked around the fragment.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from flask import current_app
from markupsafe import Markup

from ecrm_server.api import (
    Actor,
    Fragments,
    age,
    avatar_url,
    clock,
    cooked_markup,
    join_pieces,
    page_look,
    profiles,
)

from .services import attribution, thread
from .services.memory import kept
from .services.permissions import MODERATE, Access, is_own
from .services.tree import REPLY

MAY_REPLY, MAY_VOTE, MAY_EDIT, MAY_DELETE, MAY_RESTORE, MAY_ACCEPT, MAY_FLAG, VOTED_UP, VOTED_DOWN, READABLE = (
    1 << bit for bit in range(10)
)


def store() -> Fragments:
    """The pieces of the generation in force."""
    return kept("fragments", Fragments)


@dataclass(frozen=True, slots=True)
class Reader:
    """What one reader may do in one topic, worked out once a page."""

    actor: Actor
    moderates: bool
    replies: bool
    votes: bool
    edits: bool
    deletes: bool
    accepts: bool
    flags: bool
    look: tuple[str, str]
    """Language and time zone."""

    @classmethod
    def of(cls, actor: Actor, access: Access, topic: dict[str, Any]) -> Reader:
        """topic: a row of ``thread.topic``."""
        moderates = actor.may(MODERATE)
        open_to = topic["listed"] and not actor.silenced and actor.is_authenticated
        own = is_own(actor, topic["author_id"])
        return cls(
            actor=actor,
            moderates=moderates,
            replies=bool(
                open_to
                and actor.may("forums.reply")
                and access.level(topic["category_id"]) >= REPLY
                and (moderates or not topic["closed"])
            ),
            votes=bool(open_to and actor.may("forums.vote")),
            edits=actor.may("forums.edit_post") and (moderates or not topic["closed"]),
            deletes=actor.may("forums.delete_post"),
            accepts=actor.may("forums.accept_answer") and (moderates or (own and not topic["closed"])),
            flags=actor.may("moderation.flag"),
            look=page_look(),
        )

    def mode(self, row: dict[str, Any], topic: dict[str, Any]) -> int:
        """The reader's relation to one post as bits."""
        own = is_own(self.actor, row["author_id"])
        deleted = row["deleted_at"] is not None
        if deleted or row["held"]:
            readable = self.moderates or own
            return (READABLE | (MAY_RESTORE if deleted and (self.deletes or self.moderates) else 0)) if readable else 0
        bits = READABLE
        if self.replies:
            bits |= MAY_REPLY
        if self.votes and not own:
            bits |= MAY_VOTE
        if self.edits and (own or self.moderates):
            bits |= MAY_EDIT
        first = row["id"] == topic["first_post_id"]
        if self.deletes and (self.moderates or (own and not (first and topic["reply_count"]))):
            bits |= MAY_DELETE
        if self.accepts and not first and row["parent_id"] is None:
            bits |= MAY_ACCEPT
        if self.flags and not own:
            bits |= MAY_FLAG
        mine = row["mine"]
        return bits | (VOTED_UP if mine == 1 else VOTED_DOWN if mine == -1 else 0)


@dataclass(frozen=True, slots=True)
class May:
    """The bits of a mode by name, for the template."""

    reply: bool
    vote: bool
    edit: bool
    delete: bool
    restore: bool
    accept: bool
    flag: bool
    mine: int
    readable: bool

    @classmethod
    def of(cls, mode: int) -> May:
        return cls(
            reply=bool(mode & MAY_REPLY),
            vote=bool(mode & MAY_VOTE),
            edit=bool(mode & MAY_EDIT),
            delete=bool(mode & MAY_DELETE),
            restore=bool(mode & MAY_RESTORE),
            accept=bool(mode & MAY_ACCEPT),
            flag=bool(mode & MAY_FLAG),
            mine=1 if mode & VOTED_UP else -1 if mode & VOTED_DOWN else 0,
            readable=bool(mode & READABLE),
        )


def posts(reader: Reader, topic: dict[str, Any], rows: list[dict[str, Any]]) -> dict[int, Markup]:
    """The drawn posts of a page by database key. Texts are read only for those that are not in memory."""
    pieces, now = store(), clock.now()
    drawn: dict[int, Markup] = {}
    missing: dict[int, tuple[Hashable, int, dict[str, Any]]] = {}
    for row in rows:
        mode = reader.mode(row, topic)
        key: Hashable = (
            "post", row["id"], row["version"], mode, reader.look, age(row["created_at"], now),
            row["author"], row["handle"], row["avatar"],
        )  # fmt: skip
        piece = pieces.get(key)
        if piece is None:
            missing[row["id"]] = (key, mode, row)
        else:
            drawn[row["id"]] = piece
    if missing:
        macros = _macros()
        for post_id, text in thread.texts(list(missing)).items():
            key, mode, row = missing[post_id]
            drawn[post_id] = piece = macros.post(_complete(row, text, topic), May.of(mode))
            pieces.put(key, piece)
    return drawn


def _complete(row: dict[str, Any], text: dict[str, Any], topic: dict[str, Any]) -> dict[str, Any]:
    """A post with everything the template prints."""
    whole = {**row, **text}
    whole["body"] = cooked_markup(text["html"])
    whole["picture"] = avatar_url(row["avatar"])
    whole["author_path"] = profiles.url(row["handle"]) if row["handle"] else ""
    whole["attribution"] = attribution.of_row(whole)
    whole["topic_uid"] = topic["uid"]
    return whole


def topic_rows(actor: Actor, access: Access, rows: list[dict[str, Any]]) -> list[Markup]:
    """The drawn rows of a list of topics."""
    pieces, now, macros = store(), clock.now(), None
    drawn = []
    look = (page_look(), access.tree.version, actor.is_authenticated)
    for row in rows:
        key = (
            "topic", row["id"], row["version"], row["view_count"], row["unread"], row["last_read"] is None, look,
            age(row["bumped_at"], now), row["author"], row["avatar"], row["last_author"], row["last_avatar"],
        )  # fmt: skip
        piece = pieces.get(key)
        if piece is None:
            macros = macros or _macros()
            whole = {
                **row,
                "picture": avatar_url(row["avatar"]),
                "last_picture": avatar_url(row["last_avatar"]),
                "tag_names": row["tags"].split(),
            }
            piece = macros.topic(whole, access.node(row["category_id"]))
            pieces.put(key, piece)
        drawn.append(piece)
    return drawn


_ITEM, _ITEM_UNREAD = Markup('<div class="thread-item">'), Markup('<div class="thread-item thread-unread">')
_ITEM_ENDS = Markup("</div>\n")
_COMMENT, _COMMENT_UNREAD = Markup("<li>"), Markup('<li class="thread-unread">')
_COMMENT_ENDS, _COMMENTS_END = Markup("</li>"), Markup("</ol>")


def joined(rows: list[dict[str, Any]], drawn: dict[int, Markup], last_read: int | None) -> Markup:
    """The posts of a page, comments below theirs, and a line before the first one that the reader has not seen.

    Written out here instead of in a template: a loop over posts there costs a fifth of the whole page.
    """
    macros, on_page, was_unread = _macros(), set(), False
    out: list[Markup] = []
    ends: list[Markup] = []
    for row in rows:
        unread = last_read is not None and row["number"] > last_read
        if row["parent_id"] in on_page:
            if len(ends) == 1:
                out.append(macros.comments_begin())
                ends.append(_COMMENTS_END)
            out += (_COMMENT_UNREAD if unread else _COMMENT, drawn[row["id"]], _COMMENT_ENDS)
            continue
        out += reversed(ends)
        if unread and not was_unread:
            out.append(macros.unread_line())
        out += (_ITEM_UNREAD if unread else _ITEM, drawn[row["id"]])
        ends, was_unread = [_ITEM_ENDS], unread
        on_page.add(row["id"])
    return join_pieces([*out, *reversed(ends)])


def _macros() -> Any:
    """The macros that draw pieces. They see the environment, never a request's variables."""
    return current_app.jinja_env.get_template("forums/fragments.html").module
