from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrm_server.kernel import current
from ecrm_server.kernel.discovery import bundled_folder
from ecrm_server.kernel.generation import Generation
from ecrm_server.reference import hookspec
from ecrm_server.reference.trial import bundled_names, check
from ecrm_server.reference.write import files
from tests.core.reference.routes import GOLDEN, text


@pytest.fixture
def whole(make_site: Callable[..., Any], tmp_path: Path) -> Generation:
    """The core with every bundled plugin."""
    make_site(*bundled_names(tmp_path))
    check(current.generation())
    return current.generation()


def test_every_change_of_a_route_or_its_permission_is_seen(whole: Generation) -> None:
    stored, made = GOLDEN.read_text("utf-8").splitlines(), text(whole).splitlines()
    gone, new = sorted(set(stored) - set(made)), sorted(set(made) - set(stored))
    assert (gone, new) == ([], []), "if that is meant, run: python -m tests.core.reference.refresh"


def test_the_written_reference_is_that_of_the_code(whole: Generation) -> None:
    folder = bundled_folder("docs") / "reference"
    stored = {path.name: path.read_text("utf-8") for path in folder.glob("*.md")}
    made = files(whole)
    different = sorted(name for name in {*stored, *made} if stored.get(name) != made.get(name))
    assert not different, f"{different} differ. Run: python -m ecrm_server.reference.write"


def test_every_hook_explains_its_arguments_and_shows_an_example() -> None:
    found = hookspec.hooks()
    assert len(found) > 20
    assert [fault for hook in found for fault in hookspec.faults(hook)] == []


def test_a_hook_without_explanation_is_found() -> None:
    hook = hookspec.Hook("greet", "web", (("name", "str"),), "None", "Says hello.", "", False, False)
    assert hookspec.faults(hook) == ["greet does not explain its argument name.", "greet has no example."]
