from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ecrm_server.kernel.site import Site
from ecrm_server.testing import Browser

CRATES = Path(__file__).parent / "crates"


@pytest.fixture
def site(tmp_path: Path, make_site: Callable[..., Site]) -> Site:
    """A site with crates, which can be imported."""
    folder = tmp_path / "instance" / "plugins"
    folder.mkdir(parents=True)
    (folder / "crates").symlink_to(CRATES, target_is_directory=True)
    return make_site("crates")


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """``file(text, "name.csv")``: a file with this content; text is written as UTF-8."""

    def write(content: str | bytes, name: str = "crates.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def staff(sign_in: Callable[..., Browser]) -> Browser:
    return sign_in("Stan", "staff")
