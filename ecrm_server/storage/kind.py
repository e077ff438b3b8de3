"""What files hang on: the object that decides who may read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecrm_server.access import Actor


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of object that files can be attached to.

    name: ``<part>.<noun>``. may_read: called as ``may_read(actor, uid)`` with the object's public id for every request
    of an attached file; False also for an object that does not exist. While the part is off nobody reads its files.
    """

    name: str
    may_read: Callable[[Actor, str], bool]


PUBLIC = "public"
"""Kind of pictures that everybody may see: avatars and logos. Their ``attached_uid`` says what they are for."""
PUBLIC_KIND = FileKind(PUBLIC, lambda actor, uid: True)
