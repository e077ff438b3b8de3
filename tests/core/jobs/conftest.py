from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ecrm_server.kernel.site import Site

MANIFEST = 'name = "factory"\ntitle = "Factory"\nversion = "1.0"\n'
# Its jobs append a line to a file, so that processes that are killed leave a trace.
CODE = """
import os
import time
from pathlib import Path

from ecrm_server.api import JobKind, Refusal, hookimpl


def _note(path, word):
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"{word} {os.getpid()}\\n")


def write(run, path, word="done"):
    _note(path, word)


def wait(run, path):
    _note(path, "began")
    while not Path(path + ".go").exists():
        run.check()
        time.sleep(0.02)
    _note(path, "ended")


def fail(run, path):
    _note(path, "failed")
    raise RuntimeError("the machine broke")


def refuse(run):
    raise Refusal("Not on Sundays.")


def count(run, total):
    for number in range(total + 1):
        run.progress(number, total, f"{number} pieces")


@hookimpl
def jobs():
    return [
        JobKind("factory.write", write, "Write"),
        JobKind("factory.wait", wait, "Wait"),
        JobKind("factory.fail", fail, "Fail", max_attempts=2),
        JobKind("factory.refuse", refuse),
        JobKind("factory.count", count),
        JobKind("factory.daily", lambda run: None, every=86_400),
    ]
"""


@pytest.fixture
def site(tmp_path: Path, make_site: Callable[..., Site], both_engines: str) -> Site:
    """A site on each engine with a plugin that has jobs."""
    folder = tmp_path / "instance" / "plugins" / "factory"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(MANIFEST)
    (folder / "plugin.py").write_text(CODE)
    return make_site("factory")


@pytest.fixture
def factory(site: Site) -> Site:
    """The same by the name of its plugin."""
    return site
