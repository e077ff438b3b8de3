from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrm_server.data import Prepared
from tests.core.rules.conftest import stored
from tests.house.sources import ROOT

__all__ = ["stored"]

SAMPLE = ROOT / "tests" / "sample_plugin" / "ecrm_parcels"
_INSERT = Prepared(
    "INSERT INTO parcels_parcel (uid, code, code_key, state, weight, worth, due, announced, version, changed_by,"
    " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 1, '', ?)"
)


@pytest.fixture
def parcels_site(tmp_path: Path, make_site: Callable[..., Any]) -> Any:
    """A site with the sample plugin, whose list of parcels is empty."""
    folder = tmp_path / "instance" / "plugins"
    folder.mkdir(parents=True)
    (folder / "parcels").symlink_to(SAMPLE, target_is_directory=True)
    return make_site("parcels")


def add_parcel(code: str, state: str = "here", weight: float | None = None, worth: int | None = None) -> str:
    """A parcel in the database; its public id is ``p-<code>``."""
    _INSERT.run(f"p-{code}", code, code.lower(), state, weight, worth, None, 1_700_000_000_000)
    return f"p-{code}"


def parcel(uid: str) -> dict[str, Any]:
    """A parcel as it is now."""
    row = Prepared("SELECT code, state, weight, due, version, changed_by FROM parcels_parcel WHERE uid = ?").row(uid)
    assert row is not None
    return row
