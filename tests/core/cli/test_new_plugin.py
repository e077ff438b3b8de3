from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ecrm_server import config
from ecrm_server.cli.new_plugin import create
from ecrm_server.cli.quality import RULES, judge
from ecrm_server.config import Config
from ecrm_server.errors import Conflict, Refusal
from ecrm_server.kernel.plugins import find


@pytest.fixture
def instance(tmp_path: Path) -> Config:
    return config.load(tmp_path, environ={})


def test_a_new_plugin_keeps_every_rule_of_the_quality_scale(instance: Config) -> None:
    create(instance, "ride_board", title="Ride board")
    report = judge(find(instance, "ride_board"))
    assert report.faults == {rule.name: [] for rule in RULES}
    assert report.level == "gold"


@pytest.mark.slow
def test_the_tests_of_a_new_plugin_pass_right_away(instance: Config) -> None:
    create(instance, "hello")
    command = [sys.executable, "-m", "ecrm_server.cli", "--instance", str(instance.instance)]
    done = subprocess.run(
        [*command, "plugin", "test", "hello"], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_it_can_be_made_in_another_folder(instance: Config, tmp_path: Path) -> None:
    folder = create(instance, "hello", title="Hello there", into=tmp_path / "elsewhere")
    assert folder == tmp_path / "elsewhere" / "hello"
    assert 'title = "Hello there"' in (folder / "plugin.toml").read_text("utf-8")
    assert (folder / "translations/de/LC_MESSAGES/messages.mo").exists()
    made = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert not [content for content in made if b"%%" in content], "every placeholder is filled"


@pytest.mark.parametrize("name", ["A", "a", "x-y", "9lives", "../up", "a" * 41])
def test_a_name_that_cannot_be_one_is_refused(instance: Config, name: str) -> None:
    with pytest.raises(Refusal, match="cannot be a plugin's name"):
        create(instance, name)


def test_a_title_that_would_break_its_files_is_refused(instance: Config) -> None:
    with pytest.raises(Refusal, match="A title has"):
        create(instance, "hello", title='Say "hi"')


@pytest.mark.parametrize("name", ["search", "forums"])
def test_a_taken_name_is_refused(instance: Config, name: str) -> None:
    with pytest.raises(Conflict):
        create(instance, name)


def test_nothing_is_written_over(instance: Config) -> None:
    create(instance, "hello")
    with pytest.raises(Conflict):
        create(instance, "hello")


def break_manifest(folder: Path) -> None:
    path = folder / "plugin.toml"
    path.write_text(path.read_text().replace('author = "Your name"', "").replace('"hello.read", ', ""))


def break_code(folder: Path) -> None:
    with (folder / "services.py").open("a") as file:
        file.write("\n\ndef late():\n    from ecrm_server.kernel import state\n\n    return state\n")


def break_template(folder: Path) -> None:
    with (folder / "templates/hello/index.html").open("a") as file:
        file.write('<p style="color: red" onclick="x()">')


def break_migration(folder: Path) -> None:
    path = folder / "migrations/0001_notes.py"
    path.write_text(path.read_text().replace('    db.execute_sql("DROP TABLE hello_writer")\n', ""))


def break_privacy(folder: Path) -> None:
    path = folder / "plugin.py"
    path.write_text(path.read_text().partition("@hookimpl\ndef export_account")[0])


def break_tests(folder: Path) -> None:
    (folder / "tests/test_hello.py").write_text("")


def break_words(folder: Path) -> None:
    path = folder / "translations/de/LC_MESSAGES/messages.po"
    path.write_text(path.read_text().replace('msgstr "Notiz"', 'msgstr ""'))


def break_readme(folder: Path) -> None:
    (folder / "README.md").write_text("# Hello\n")


def break_docstring(folder: Path) -> None:
    path = folder / "views.py"
    path.write_text(path.read_text().replace('    """Store a note."""\n', ""))


def break_size(folder: Path) -> None:
    (folder / "long.py").write_text("x = 1\n" * 301)


@pytest.mark.parametrize(
    "spoil,rules,level",
    [
        (break_code, {"imports"}, ""),
        (break_template, {"markup"}, ""),
        (break_migration, {"migrations"}, ""),
        (break_tests, {"tests", "routes tested"}, ""),
        (break_manifest, {"permissions", "manifest"}, ""),
        (break_privacy, {"personal data"}, "bronze"),
        (break_readme, {"readme"}, "bronze"),
        (break_words, {"translations"}, "silver"),
        (break_docstring, {"documented"}, "silver"),
        (break_size, {"file size"}, "silver"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_broken_rule_is_named(instance: Config, spoil: object, rules: set[str], level: str) -> None:
    folder = create(instance, "hello")
    assert callable(spoil)
    spoil(folder)
    report = judge(find(instance, "hello"))
    assert {name for name, faults in report.faults.items() if faults} == rules
    assert report.level == level
