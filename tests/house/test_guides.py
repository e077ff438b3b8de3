"""The guides for plugin authors say what is so; the tutorial is run as it stands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ecrm_server import testing
from ecrm_server.cli.quality import LEVELS, RULES
from ecrm_server.kernel.specs import hook_names
from tests.house.sources import ROOT

GUIDES = ROOT / "docs" / "developers"
BLOCK = re.compile(r"(?:^(Create|Append to) `([^`]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ROW = re.compile(r"^\| `?([^|`]+?)`? \|", re.MULTILINE)


def rows(text: str) -> list[str]:
    """First cells of the tables of a text, without their heads."""
    return [cell for cell in ROW.findall(text) if cell not in ("Rule", "Fixture", "Marker", "---")]


def test_the_quality_guide_names_every_rule_at_its_level() -> None:
    text = (GUIDES / "quality-scale.md").read_text("utf-8")
    sections = {part.split(":")[0].lower(): rows(part) for part in text.split("\n## ")[1:]}
    assert sections == {level: [rule.name for rule in RULES if rule.level == level] for level in LEVELS}


def test_the_testing_guide_names_every_fixture() -> None:
    text = (GUIDES / "testing.md").read_text("utf-8").partition("## Fixtures")[2].partition("\n## ")[0]
    fixtures = {name for name, value in vars(testing).items() if type(value).__name__ == "FixtureFunctionDefinition"}
    assert set(rows(text)) == fixtures


def test_the_guide_to_hooks_names_every_hook() -> None:
    text = (GUIDES / "hooks.md").read_text("utf-8")
    assert sorted(name for name in hook_names() if f"`{name}`" not in text) == []


@pytest.mark.slow
def test_the_tutorial_works_as_it_stands(tmp_path: Path) -> None:
    done = []
    for verb, path, language, content in BLOCK.findall((GUIDES / "getting-started.md").read_text("utf-8")):
        if verb:
            file = tmp_path / path
            assert file.exists() == (verb == "Append to"), path
            with file.open("a", encoding="utf-8") as target:
                target.write(content)
        elif language == "sh":
            done += [run(line, tmp_path) for line in content.splitlines() if not line.startswith("ecrm run")]
    text = "\n".join(done)
    assert "hello: on" in text
    assert " passed" in text
    assert "level: gold" in text
    assert "hello: purged" in text


def run(line: str, folder: Path) -> str:
    """Run a command of the tutorial in a folder; its output."""
    program, *arguments = shlex.split(line)
    assert program == "ecrm", line
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "ecrm_server.cli", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout
