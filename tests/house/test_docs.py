from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import ROOT, tracked_files

LINK = re.compile(r"\[[^\]\n]*\]\((?!https?:|mailto:|#|/)([^)#\s]+)[^)]*\)")
CODE = re.compile(r"^~~~.*?^~~~$|^```.*?^```$|^ {4}.*$|`[^`\n]*`", re.DOTALL | re.MULTILINE)


def dead_links(page: Path, text: str) -> Iterator[str]:
    """Relative links of a Markdown page that lead to no file."""
    for match in LINK.finditer(CODE.sub("", text)):
        if not (page.parent / match[1]).exists():
            yield f"{page.relative_to(ROOT)}: {match[1]}"


def test_links_between_pages_lead_somewhere() -> None:
    pages = [path for path in tracked_files() if path.suffix == ".md" and "vendor" not in path.parts]
    assert pages
    faults = [fault for page in pages for fault in dead_links(page, page.read_text("utf-8"))]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"])
def test_the_projects_papers_are_there(name: str) -> None:
    assert (ROOT / name).read_text("utf-8").strip()


def test_a_dead_link_is_found() -> None:
    assert list(dead_links(ROOT / "README.md", "see [this](docs/no-such-page.md#part)"))
    assert not list(
        dead_links(ROOT / "README.md", "see [this](LICENSE), `[a](b)`, [that](https://example.org)")
    )
