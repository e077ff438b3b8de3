"""Kinds of things that can be flagged and moderated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

    from ecrm_server.access import Actor


@dataclass(frozen=True, slots=True)
class Moderated:
    """What the queue shows of one object. html: its text as its own page shows it, cooked; None shows the excerpt."""

    uid: str
    title: str
    url: str
    excerpt: str
    author_profile_id: int | None
    created_at: int
    html: Markup | None = None


@dataclass(frozen=True, slots=True)
class ModeratedKind:
    """A kind of object under moderation.

    name: ``<part>.<noun>``. load: ``load(uid) -> Moderated | None``. may_see: whether an actor may read the object (and
    so flag it). hide, restore, approve: services of the part, called as ``f(uid, actor)`` in the transaction of the
    decision. may_review: whether a moderator may read it, also while it is held back or deleted; ``may_see`` if None.
    """

    name: str
    title: str
    load: Callable[[str], Moderated | None]
    may_see: Callable[[Actor, str], bool]
    hide: Callable[[str, Actor], None]
    restore: Callable[[str, Actor], None]
    approve: Callable[[str, Actor], None]
    may_review: Callable[[Actor, str], bool] | None = None
