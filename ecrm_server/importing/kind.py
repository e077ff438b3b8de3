"""What a part declares so that files of its objects can be imported."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecrm_server.access import Actor

TYPES = (
    "text", "integer", "number", "money", "boolean", "date", "time", "choice", "email", "phone", "country",
)  # fmt: skip
NEW = "+"
"""Before the name of something that an import is to add."""
UID = "uid"
"""The public id: every kind finds by it, and a column of a file may say by it which object is meant."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a column of a file can fill.

    name: of letters, digits and underscores. title: as people call it. type: one of ``TYPES``, which says what values
    are; see docs/developers/importing.md. required: an object cannot be created without it. aliases: further names
    under which files call it, in any language. several: a cell may hold several values, parted by ``;`` or ``|``; the
    value is a sorted list. choices: code -> title of a ``choice``; a file may say either. currency: of ``money``.
    max_length: characters of a ``text``. convert: reads the cell instead of the type's own converter; it raises
    ValueError with the rest of a sentence that begins with the column's name. resolve: of a field that names another
    object, gets the different texts of a batch and gives the values of those that it knows, or a ``Refused``.
    unknown: the rest of a sentence about the others. adds: whether ``write`` can make what is unknown; where the person
    chose so, the value of such a text is the text behind ``NEW``. comparable: makes what ``find`` gives comparable with
    a value of a file. goes_with: the name of the field that it says something about; it is set anew with that one.
    part_of: the name of a text that this text is a part of, such as a first name; the parts are joined in the order of
    the fields, and the kind gets the whole alone.
    """

    name: str
    title: str
    type: str = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    several: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    max_length: int = 0
    convert: Callable[[str], Any] | None = None
    resolve: Callable[[Collection[str]], Mapping[str, Any]] | None = None
    unknown: str = ""
    adds: bool = False
    comparable: Callable[[Any], Any] | None = None
    goes_with: str = ""
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """An object that is there already. label: as people call it. values: of all fields that imports can fill, in the
    shape of their types, None for what is empty. url: where it can be seen."""

    uid: str
    label: str
    values: Mapping[str, Any]
    url: str = ""


@dataclass(slots=True)
class Change:
    """What is to be written about one object. uid: None to create it. values: the fields to set; a field that is not
    named stays as it is, None empties one. checked: what ``check`` of the kind left here for its ``write``."""

    uid: str | None
    values: Mapping[str, Any]
    checked: Any = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a change is not made: the rest of a sentence that begins with the title of ``field``, or, without a field,
    a whole sentence."""

    reason: str
    field: str = ""

    def sentence(self, titles: Mapping[str, str]) -> str:
        """The whole sentence; ``titles`` says what fields are called."""
        return f"{titles.get(self.field, self.field)} {self.reason}." if self.field else self.reason


@dataclass(frozen=True, slots=True)
class Added:
    """An object that came into being because a row named it. kind: the name of its import kind. values: the fields that
    the file brought."""

    kind: str
    uid: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What a change became, where it named something new. added: what was made; it goes when the import is undone, if
    nothing hangs on it by then. values: by field, what became of the values behind ``NEW``."""

    uid: str
    added: Sequence[Added] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def _nothing_wrong(changes: Sequence[Change]) -> Mapping[int, Refused]:
    return {}


def _nothing_depends(uids: Collection[str]) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of object that files can bring. The engine reads, maps, converts, compares, counts, remembers and undoes;
    the kind finds and writes. Everything is called with batches of at most some hundred.

    name: plural, the word in ``ecrm import <name> FILE``. title: as pages show it. permission: who may import.
    fields: called for each import, so that fields which admins add are there. keys: names of the fields that can find
    an object, the usual one first; ``uid`` need not be named.

    find(key, values): pairs of one of ``values`` and an object it finds; two objects for one value make the row fail.
    write(changes, actor): carry the changes out in the caller's transaction, with their events, in order. Returns for
    each the uid (or ``Written``), or why not; a refused change must have written nothing.
    check(changes): what ``write`` would refuse, by index; asked before anything is written. It reads only.
    blocked(uids): of these objects, those that cannot be removed because something hangs on them, each with a sentence.
    remove(uids, actor): delete objects that an import created and nothing hangs on, in the caller's transaction.
    """

    name: str
    title: str
    permission: str
    fields: Callable[[], Sequence[Field]]
    keys: tuple[str, ...]
    find: Callable[[str, Collection[Any]], Iterable[tuple[Any, Found]]]
    write: Callable[[Sequence[Change], Actor], Sequence[str | Written | Refused]]
    remove: Callable[[Collection[str], Actor], None]
    check: Callable[[Sequence[Change]], Mapping[int, Refused]] = _nothing_wrong
    blocked: Callable[[Collection[str]], Mapping[str, str]] = _nothing_depends
    help: str = ""
