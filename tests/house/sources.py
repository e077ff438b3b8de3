"""Where the project's own files are, for the tests of the house's rules."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED_FOLDERS = {"__pycache__", "vendor", "node_modules", "instance", "dist", "build"}
TEXT_SUFFIXES = {
    "", ".css", ".html", ".ini", ".js", ".json", ".lock", ".md", ".po", ".py", ".sh", ".sql", ".svg", ".toml",
    ".txt", ".xml", ".yaml", ".yml",
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A Python file: `path` is relative to the checkout, with forward slashes."""

    path: str
    text: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The path's folders and, last, the module's name without suffix."""
        return tuple(self.path.removesuffix(".py").split("/"))

    @property
    def tree(self) -> ast.Module:
        """The parsed module."""
        return ast.parse(self.text, filename=self.path)


def walk(*folders: str) -> Iterator[Path]:
    """Files under `folders` of the checkout, without vendored, generated and hidden ones."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            parts = path.relative_to(ROOT).parts
            hidden = any(part in SKIPPED_FOLDERS or part.startswith(".") for part in parts)
            if path.is_file() and not hidden:
                yield path


@cache
def python_sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file under `folders`, read once."""
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
        for path in walk(*folders)
        if path.suffix == ".py"
    )


def tracked_files() -> list[Path]:
    """Files that git tracks; outside a git checkout, the files of the project's folders."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        names = listed.stdout.decode().rstrip("\0").split("\0")
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    return list(walk("ecrm_server", "plugins", "themes", "tests", "docs"))
