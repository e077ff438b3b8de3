"""What a part declares: purposes that need a lawful basis, and questions that make a profile more complete."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ecrm_server.access import Actor

Basis = Literal["consent", "contract", "obligation", "interest"]
"""The lawful bases of article 6 of the GDPR that a purpose can have here."""
Place = Literal["account", "profile", "registration", "visitor"]

SOURCES = ("notice", "page", "profile", "registration", "api", "import", "staff")
"""Where somebody decided: the notice for visitors, the page of one's data, a question on the page of the account, the
form of a new account or the joining of a visit to it, a program, a file, a word to the staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Something that is done with what is stored about people.

    key: ``<part>.<noun>``. about: what it is for, in words for the customer. wording: the exact words they agree to;
    raise ``version`` when they mean something else than before: what was given to older words does not hold any more.

    basis ``consent``: done only while the person agrees. ``interest``: done until the person objects. ``contract`` and
    ``obligation``: done, and shown. asked: where it is decided beside the page of one's data: ``profile`` as a question
    on the page of the account, ``registration`` as a box in the form of a new account, ``visitor`` in the notice for
    visitors who have no account.
    """

    key: str
    title: str
    about: str
    wording: str
    version: int = 1
    basis: Basis = "consent"
    asked: tuple[Place, ...] = ("account",)

    @property
    def is_choice(self) -> bool:
        """Whether the person decides about it."""
        return self.basis in ("consent", "interest")

    @property
    def digest(self) -> str:
        """SHA-256 of the wording, in hexadecimal digits."""
        return digest(self.wording)


def digest(wording: str) -> str:
    """SHA-256 of some words, in hexadecimal digits."""
    return hashlib.sha256(wording.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something a person is asked about themselves, one at a time, on the page of the account.

    key: ``<part>.<noun>``. title: the question. why: what the answer is used for. choices: (value, label) pairs for a
    list; none for a line of text. answered: whether the account needs not be asked (called with its id). save: stores
    an answer of the actor's; raises Refusal with a sentence.
    """

    key: str
    title: str
    why: str
    answered: Callable[[int], bool]
    save: Callable[[Actor, str], None]
    choices: Callable[[], Sequence[tuple[str, str]]] | None = None
    order: int = 50
