"""The written guides: Markdown files of the folder docs/, of the checkout or of the wheel."""

from __future__ import annotations

import functools
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from ecrm_server.kernel.discovery import bundled_folder
from ecrm_server.reference.document import Shown, show

SECTIONS = {
    "user": "For people who use a site",
    "operations": "For those who run the server",
    "developers": "For plugin and theme authors",
    "decisions": "Decisions and why",
    "": "The project",
}
_TITLE = re.compile(r"\A\s*#\s+(.+?)\s*$", re.MULTILINE)
_RELATIVE = re.compile(r"(?<!!)(\]\()(?!https?:|mailto:|#|/)([^)\s]+)(\))")


@dataclass(frozen=True, slots=True)
class Guide:
    """A written page. name: its path below docs/ without ``.md``."""

    name: str
    title: str
    section: str
    path: Path

    @property
    def url(self) -> str:
        return f"/docs/guides/{self.name}"


def guides() -> list[Guide]:
    """Every guide, by section; none where the installation carries no docs."""
    return list(_found(bundled_folder("docs")))


@functools.lru_cache(maxsize=4)
def _found(root: Path) -> tuple[Guide, ...]:
    found = []
    for section in SECTIONS:
        folder = root / section if section else root
        for path in sorted(folder.glob("*.md")) if folder.is_dir() else ():
            title = _TITLE.search(path.read_text(encoding="utf-8"))
            name = path.relative_to(root).with_suffix("").as_posix()
            found.append(Guide(name, title[1] if title else path.stem, section, path))
    return tuple(found)


def find(name: str) -> Guide | None:
    """A guide by its name; names are looked up in the list, never turned into paths."""
    return next((guide for guide in guides() if guide.name == name), None)


def read(guide: Guide) -> Shown:
    """The rendered guide, without its title."""
    return _shown(guide.path, guide.name, guide.path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _shown(path: Path, name: str, changed: int) -> Shown:
    del changed  # a part of the key: a guide that was edited is read again
    text = _TITLE.sub("", path.read_text(encoding="utf-8"), count=1)
    return show(_RELATIVE.sub(lambda match: f"{match[1]}{_address(name, match[2])}{match[3]}", text))


def _address(name: str, target: str) -> str:
    """The path of a linked guide; the files of the repository that are no guides are named by their path alone."""
    file, hash_sign, anchor = target.partition("#")
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(name), file))
    if joined.endswith(".md") and find(joined.removesuffix(".md")) is not None:
        return f"/docs/guides/{joined.removesuffix('.md')}{hash_sign}{anchor}"
    if joined.startswith("reference/") and joined.endswith(".md"):
        return f"/docs/{joined.removeprefix('reference/').removesuffix('.md')}{hash_sign}{anchor}"
    return f"#{anchor}"
