from __future__ import annotations

import ast
from pathlib import Path

from ecrm_server.kernel.discovery import bundled_folder
from ecrm_server.kernel.part import CORE_PARTS, core_folder
from ecrm_server.kernel.specs import hook_names
from tests.house.sources import ROOT


def implemented(path: Path) -> set[str]:
    """Names of the hooks that a hooks.py or plugin.py implements, read without importing it."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        for decorator in getattr(node, "decorator_list", ()):
            call = decorator if isinstance(decorator, ast.Call) else None
            name = call.func if call else decorator
            if isinstance(name, ast.Name) and name.id == "hookimpl" and isinstance(node, ast.FunctionDef):
                options = {item.arg: item.value for item in call.keywords} if call else {}
                found.add(ast.literal_eval(options["specname"]) if "specname" in options else node.name)
    return found


def hook_files() -> list[Path]:
    """Hooks of the core parts, of the bundled plugins and of the sample plugin."""
    core = [core_folder(name) / "hooks.py" for name in CORE_PARTS]
    plugins = sorted(bundled_folder("plugins").glob("*/plugin.py"))
    return [*core, *plugins, ROOT / "tests" / "sample_plugin" / "ecrm_parcels" / "plugin.py"]


def test_every_hook_is_used_by_a_core_part_a_bundled_plugin_or_the_sample() -> None:
    used = set().union(*(implemented(path) for path in hook_files()))
    assert sorted(hook_names() - used) == []


def test_every_hook_for_plugins_is_used_by_a_plugin() -> None:
    used = set().union(*(implemented(path) for path in hook_files() if path.name == "plugin.py"))
    assert sorted(hook_names() - used) == []


def test_no_part_implements_what_is_no_hook() -> None:
    wrong = {f"{path.parent.name}: {name}" for path in hook_files() for name in implemented(path) - hook_names()}
    assert wrong == set()


def test_a_name_given_to_the_marker_wins(tmp_path: Path) -> None:
    path = tmp_path / "plugin.py"
    path.write_text('@hookimpl(specname="events")\ndef x(): ...\n@hookimpl\ndef jobs(): ...\ndef other(): ...\n')
    assert implemented(path) == {"events", "jobs"}
