"""``ecrm plugin list`` tells of every folder that wants to be a plugin, also of those that are none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BROKEN = {
    "halved": ('name = "halved', "plugin.toml of halved cannot be read: "),
    "nameless": ('title = "Nameless"\nversion = "1"', "plugin.toml of nameless lacks 'name'."),
    "other": (
        'name = "other"\ntitle = "Other"\nversion = "1"\ncore = ">=99"',
        "other runs with core >=99, but this",
    ),
    "shadow": (
        'name = "forums"\ntitle = "Shadow"\nversion = "1"',
        "A plugin of this name exists already (bundled).",
    ),
}


def listed(instance: Path, *options: str) -> str:
    command = [
        sys.executable,
        "-m",
        "ecrm_server.cli",
        "--instance",
        str(instance),
        "plugin",
        "list",
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_folders_that_are_no_plugin_are_listed_with_their_reason(tmp_path: Path) -> None:
    for name, (manifest, _) in BROKEN.items():
        folder = tmp_path / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "plugin.toml").write_text(manifest, encoding="utf-8")
    shown = {"shadow": "forums (instance)"}
    lines = listed(tmp_path).splitlines()
    assert any(line.split()[:2] == ["off", "forums"] for line in lines)
    for name, (_, reason) in BROKEN.items():
        place = lines.index(f"unreadable  {shown.get(name, name)}")
        assert lines[place + 1].startswith(f"{'':12}{reason}")
    rows = {row["name"]: row for row in json.loads(listed(tmp_path, "--json"))}
    assert rows["forums"]["problem"] == ""
    for name, (_, reason) in BROKEN.items():
        row = rows[shown.get(name, name)]
        assert row["problem"].startswith(reason)
        assert (row["version"], row["enabled"]) == (None, False)
