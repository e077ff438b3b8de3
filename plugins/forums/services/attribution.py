"""Where imported content comes from and under which licence it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_CREATIVE_COMMONS = re.compile(r"CC (BY(?:-SA|-NC|-ND|-NC-SA|-NC-ND)?) (\d\.\d)")


@dataclass(frozen=True, slots=True)
class Attribution:
    """What is shown with every imported post: source, original, author, licence. Addresses may be empty."""

    source: str
    url: str
    author: str
    author_url: str
    licence: str

    @property
    def licence_url(self) -> str:
        """The text of a Creative Commons licence; empty for any other."""
        found = _CREATIVE_COMMONS.fullmatch(self.licence)
        return f"https://creativecommons.org/licenses/{found[1].lower()}/{found[2]}/" if found else ""

    def line(self) -> str:
        """One line of plain text."""
        author = f" by {self.author}" if self.author else ""
        return f"From {self.source}{author}, {self.licence}"

    def markdown(self) -> str:
        """One line of Markdown."""
        author = f" by {_link(self.author, self.author_url)}" if self.author else ""
        return f"*From {_link(self.source, self.url)}{author}, {_link(self.licence, self.licence_url)}*"

    def data(self) -> dict[str, str]:
        """As plain data for the REST API."""
        return {
            "source": self.source, "url": self.url, "author": self.author, "author_url": self.author_url,
            "licence": self.licence, "licence_url": self.licence_url,
        }  # fmt: skip


def _link(text: str, url: str) -> str:
    shown = re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)
    return f"[{shown}](<{url}>)" if url else shown


def attribution_of(source: str, url: str, author: str, author_url: str, licence: str) -> Attribution | None:
    """The attribution of a post; None for one written here."""
    return Attribution(source, url, author, author_url, licence) if source else None


def of_row(row: dict[str, Any]) -> Attribution | None:
    """The attribution of a row with source_name, source_url, author, author_url and licence."""
    return attribution_of(
        row["source_name"], row["source_url"], row["author"] or "", row["author_url"], row["licence"]
    )
