"""Dumps to import: a small invented one, and the real one where it is at hand."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROOTS = {
    "Users.xml": "users", "Posts.xml": "posts", "Tags.xml": "tags", "Comments.xml": "comments",
    "Votes.xml": "votes", "Badges.xml": "badges", "PostLinks.xml": "postlinks",
}  # fmt: skip
AT = "2012-03-0{}T10:00:00.500"
LICENCE = "CC BY-SA 3.0"
SITE = "https://kettles.example.org"


def real_dump() -> Path:
    """The folder of the real community. Skips the test where it is not there."""
    shared = Path(os.environ.get("ECRM_SHARED_DATA") or ROOT.parent / "shared" / "data")
    folder = shared / "community" / "bicycles-meta.stackexchange"
    if not folder.is_dir():
        pytest.skip("the dump of bicycles meta is not at hand (set ECRM_SHARED_DATA)")
    return folder


def row(**attributes: Any) -> dict[str, str]:
    """Attributes of a row as text; None leaves one out."""
    return {name: str(value) for name, value in attributes.items() if value is not None}


def user(key: int, name: str = "Ada") -> dict[str, str]:
    return row(
        Id=key, DisplayName=name, CreationDate=AT.format(1), AboutMe="secret words", Location="secret place"
    )


def question(key: int, body: str = "<p>How?</p>", **more: Any) -> dict[str, str]:
    values = {
        "Id": key, "PostTypeId": 1, "CreationDate": AT.format(1), "Score": 0, "Body": body, "OwnerUserId": 1,
        "Title": f"Question {key} about kettles", "Tags": "<steel><tea>", "ViewCount": 7, "ContentLicense": LICENCE,
    }  # fmt: skip
    return row(**values | more)


def answer(key: int, parent: int, body: str = "<p>So.</p>", **more: Any) -> dict[str, str]:
    values = {
        "Id": key, "PostTypeId": 2, "ParentId": parent, "CreationDate": AT.format(2), "Score": 0, "Body": body,
        "OwnerUserId": 2, "ContentLicense": LICENCE,
    }  # fmt: skip
    return row(**values | more)


def comment(key: int, post: int, text: str = "Fine.", **more: Any) -> dict[str, str]:
    values = {
        "Id": key, "PostId": post, "Score": 0, "Text": text, "CreationDate": AT.format(3), "UserId": 1,
        "ContentLicense": LICENCE,
    }  # fmt: skip
    return row(**values | more)


def vote(key: int, post: int, kind: int = 2) -> dict[str, str]:
    return row(Id=key, PostId=post, VoteTypeId=kind, CreationDate=AT.format(1))


def small_files() -> dict[str, list[dict[str, str]]]:
    """Two topics about kettles, by file."""
    return {
        "Users.xml": [user(1), user(2, "Bela"), user(3)],
        "Posts.xml": [
            question(1, AcceptedAnswerId=3, Score=2),
            question(2, ClosedDate=AT.format(5)),
            answer(3, 1, Score=-1, LastEditDate=AT.format(4)),
            answer(4, 1, CreationDate=AT.format(4), OwnerUserId=None, OwnerDisplayName="Somebody gone"),
        ],
        "Comments.xml": [comment(1, 3, "I **agree**, see <b>.", Score=4)],
        "Votes.xml": [vote(1, 1), vote(2, 1), vote(3, 3, 3), vote(4, 1, 5), vote(5, 99)],
    }


def write_dump(folder: Path, files: Mapping[str, list[dict[str, str]]]) -> Path:
    """Write the files of a dump as the site does: with a byte-order mark."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        lines = [
            f"  <row {' '.join(f'{key}={quoteattr(value)}' for key, value in item.items())} />"
            for item in rows
        ]
        text = '<?xml version="1.0" encoding="utf-8"?>\n' + "\n".join(
            [f"<{ROOTS[name]}>", *lines, f"</{ROOTS[name]}>"]
        )
        (folder / name).write_text(text, encoding="utf-8-sig")
    return folder
