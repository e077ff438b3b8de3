"""Pictures in posts: whoever may read the post may see them."""

from __future__ import annotations

from ecrm_server.api import Actor, Cooked, FileKind, NotFound, attach_files, keep_only_files

from . import refs
from .permissions import access_of, sees_post

KIND = "forums.post"


def attach(actor: Actor, cooked: Cooked, post_uid: str) -> None:
    """Hang the pictures that a new text shows on its post."""
    if cooked.images:
        attach_files(actor, cooked.images, KIND, post_uid)


def attach_again(actor: Actor, cooked: Cooked, post_uid: str) -> None:
    """The same after an edit: pictures that are no longer shown are let go."""
    attach(actor, cooked, post_uid)
    keep_only_files(cooked.images, KIND, post_uid)


def may_read(actor: Actor, post_uid: str) -> bool:
    """Whether the pictures of a post may be sent to an actor."""
    try:
        return actor.may("forums.read") and sees_post(actor, access_of(actor), refs.post(post_uid))
    except NotFound:
        return False


PICTURES = FileKind(KIND, may_read)
