"""Files of ``<row .../>`` elements, read one row at a time: memory stays flat, entities and networks stay out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from xml.parsers import expat  # nosec B406 (only to look at what stands before the root; entities end it at once)

from ecrm_server.importing.problems import InputError, Problem

if TYPE_CHECKING:
    from lxml import etree

_CHUNK = 1 << 16
_MAX_PROLOG = 1 << 20

_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}

Row = tuple[int, dict[str, str]]
"""The number of a row in its file, from 1, and its attributes."""


class _RootError(Exception):
    """The root element was reached (not an error: it ends the look at the prolog)."""


class _EntityError(Exception):
    """An entity is declared."""


def row_label(number: int, attributes: dict[str, str]) -> str:
    """How a row is named in a problem: by its Id where it has a plain one, else by its number."""
    key = attributes.get("Id", "")
    return f"row with Id {key}" if key.removeprefix("-").isdigit() and len(key) < 20 else f"row {number}"


def read_rows(path: Path, root: str) -> Iterator[Row]:
    """The rows of a file whose root element is ``root``.

    A byte-order mark and a DOCTYPE without entities are accepted. Raises InputError for declared entities (before
    any is expanded), another root, other elements, and XML that is cut off or malformed.
    """
    from lxml import etree  # here, so that a server that imports nothing does not load it

    check_prolog(path, root)
    number = 0
    try:
        with path.open("rb") as stream:
            for _, element in etree.iterparse(stream, events=("end",), **_SAFE):
                parent = element.getparent()
                if parent is None:  # the end of the root element
                    continue
                number += 1
                if element.tag != "row":
                    _fail(
                        path, f"row {number}", f"a <row> was expected, but this is <{str(element.tag)[:40]}>."
                    )
                yield number, dict(element.attrib)
                # What was read before goes; rows that the parser has read ahead must stay.
                while element.getprevious() is not None:
                    del parent[0]
    except etree.XMLSyntaxError as error:
        after = f"after row {number}" if number else "at its beginning"
        _fail(path, after, f"the XML is cut off or malformed ({_reason(error)}).")


def _reason(error: etree.XMLSyntaxError) -> str:
    text = str(error.msg or "no element found").partition(", line")[0]
    return f"line {error.lineno}: {text[:120]}" if error.lineno else text[:120]


def check_prolog(path: Path, root: str) -> None:
    """Look at what stands before the root element, and at its name. Raises InputError."""
    parser = expat.ParserCreate()
    seen: list[str] = []

    def at_root(name: str, _attributes: object) -> None:
        seen.append(name)
        raise _RootError

    def at_entity(*_declaration: object) -> None:
        raise _EntityError

    parser.StartElementHandler = at_root
    parser.EntityDeclHandler = at_entity
    try:
        _feed(path, parser)
    except _RootError:
        if seen[0] != root:
            _fail(path, "", f"the root element is <{seen[0][:40]}>, but <{root}> was expected.")
    except _EntityError:
        _fail(path, "", "it declares entities, which are refused.")
    except expat.ExpatError as error:
        _fail(path, "", f"it is no XML ({expat.ErrorString(error.code)}, line {error.lineno}).")


def _feed(path: Path, parser: expat.XMLParserType) -> NoReturn:
    """Parse until a handler raises."""
    try:
        with path.open("rb") as stream:
            for _ in range(_MAX_PROLOG // _CHUNK):
                data = stream.read(_CHUNK)
                parser.Parse(data, not data)
                if not data:
                    break
    except OSError as error:
        _fail(path, "", f"it cannot be read: {error.strerror}.")
    _fail(path, "", "it has no root element.")


def _fail(path: Path, row: str, text: str) -> NoReturn:
    raise InputError(Problem(path.name, row, text))
