"""The files of a dump and the attributes of their rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecrm_server.api import Refusal
from ecrm_server.api import import_toolkit as tk

_LICENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .-]{0,39}")


@dataclass(frozen=True, slots=True)
class File:
    """A file: its root element, and whether a dump without it is refused. absent: what then is missing."""

    name: str
    root: str
    required: bool
    absent: str = ""


# Without the users no author could be named, and the licence asks for that.
FILES = {
    item.name: item
    for item in (
        File("Users.xml", "users", True),
        File("Posts.xml", "posts", True),
        File("Tags.xml", "tags", False, "tags have no descriptions"),
        File("Comments.xml", "comments", False, "no comments"),
        File("Votes.xml", "votes", False, "scores are taken from the posts alone"),
        File("Badges.xml", "badges", False, "no badges"),
        File("PostLinks.xml", "postlinks", False, "no links between topics"),
    )
}


def _licence(text: str) -> str:
    if not _LICENCE.fullmatch(text):
        raise ValueError("is no name of a licence such as CC BY-SA 4.0")
    return text


def _optional(name: str, read: Any) -> tk.Attribute:
    return tk.Attribute(name, read, required=False)


_ID = tk.Attribute("Id", tk.integer)
_CREATED = tk.Attribute("CreationDate", tk.moment)

# E-mail hashes, places, web addresses, biographies and reputation are not read at all.
READERS = {
    name: tk.RecordReader(name, attributes)
    for name, attributes in {
        "Users.xml": (_ID, _CREATED, tk.Attribute("DisplayName", tk.text)),
        "Posts.xml": (
            _ID, _CREATED,
            tk.Attribute("PostTypeId", tk.integer),
            tk.Attribute("Score", tk.small),
            tk.Attribute("Body", tk.text),
            tk.Attribute("ContentLicense", _licence),
            _optional("ParentId", tk.integer),
            _optional("AcceptedAnswerId", tk.integer),
            _optional("Title", tk.filled),
            _optional("Tags", tk.text),
            _optional("ViewCount", tk.small),
            _optional("OwnerUserId", tk.integer),
            _optional("OwnerDisplayName", tk.text),
            _optional("LastEditDate", tk.moment),
            _optional("ClosedDate", tk.moment),
        ),
        "Tags.xml": (
            _ID,
            tk.Attribute("TagName", tk.filled),
            _optional("ExcerptPostId", tk.integer),
            _optional("WikiPostId", tk.integer),
        ),
        "Comments.xml": (
            _ID, _CREATED,
            tk.Attribute("PostId", tk.integer),
            tk.Attribute("Score", tk.small),
            tk.Attribute("Text", tk.text),
            tk.Attribute("ContentLicense", _licence),
            _optional("UserId", tk.integer),
            _optional("UserDisplayName", tk.text),
        ),
        "Votes.xml": (_ID, tk.Attribute("PostId", tk.integer), tk.Attribute("VoteTypeId", tk.integer)),
        "Badges.xml": (
            _ID,
            tk.Attribute("UserId", tk.integer),
            tk.Attribute("Name", tk.filled),
            tk.Attribute("Date", tk.moment),
            tk.Attribute("Class", tk.integer),
            tk.Attribute("TagBased", tk.boolean),
        ),
        "PostLinks.xml": (
            _ID, _CREATED,
            tk.Attribute("PostId", tk.integer),
            tk.Attribute("RelatedPostId", tk.integer),
            tk.Attribute("LinkTypeId", tk.integer),
        ),
    }.items()
}  # fmt: skip

Record = dict[str, Any]


class Dump:
    """A folder with the files of one site. Raises Refusal when it is none, or a required file is missing."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        if not directory.is_dir():
            raise Refusal(f"{directory} is no folder.")
        self.present = [item for item in FILES.values() if (directory / item.name).is_file()]
        for item in FILES.values():
            if item.required and item not in self.present:
                raise Refusal(f"{item.name} is missing in {directory}.")

    @property
    def paths(self) -> list[Path]:
        """Of the files that are there, in the order in which they are read."""
        return [self.directory / item.name for item in self.present]

    @property
    def absent(self) -> list[File]:
        """Optional files that are not there."""
        return [item for item in FILES.values() if item not in self.present]

    def records(self, name: str) -> Iterator[Record]:
        """The rows of a file as values; nothing for an absent one. Raises InputError."""
        item, reader = FILES[name], READERS[name]
        if item in self.present:
            for number, attributes in tk.read_rows(self.directory / name, item.root):
                yield reader.read(number, attributes)

    def checked(self, name: str, problems: tk.Problems) -> Iterator[tuple[Record, Fault]]:
        """The sound rows of a file, each with a function that notes a fault of it; other rows are noted as problems."""
        item, reader = FILES[name], READERS[name]
        if item not in self.present:
            return
        seen: set[int] = set()
        try:
            for number, attributes in tk.read_rows(self.directory / name, item.root):
                try:
                    record = reader.read(number, attributes)
                except tk.InputError as error:
                    problems.add(error.problem)
                    continue
                fault = Fault(problems, name, tk.row_label(number, attributes))
                if record["Id"] in seen:
                    Fault(problems, name, f"row {number}")(f"the Id {record['Id']} came before.")
                    continue
                seen.add(record["Id"])
                yield record, fault
        except tk.InputError as error:
            problems.add(error.problem)


@dataclass(frozen=True, slots=True)
class Fault:
    """Notes what is wrong with one row."""

    problems: tk.Problems
    file: str
    row: str

    def __call__(self, text: str) -> None:
        self.problems.add(tk.Problem(self.file, self.row, text))
