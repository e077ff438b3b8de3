"""Rules of the quality scale about a plugin's files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from babel.messages.pofile import read_po

from ecrm_server.cli.quality_subject import Subject

MAX_LINES = 300
_TAG_FAULTS = (
    (re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE), "a style attribute"),
    (re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE), "an inline event handler"),
    (re.compile(r"<style\b", re.IGNORECASE), "an inline style sheet"),
    (re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE), "an inline script"),
    (
        re.compile(r"<(?:script|link|img)\b[^>]*\s(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE),
        "another host",
    ),
    (re.compile(r"\|\s*safe\b"), "the filter safe"),
)
_SCRIPT_FAULTS = (
    (re.compile(r"(?<![\w.])eval\s*\(|\bnew\s+Function\s*\("), "eval"),
    (re.compile(r"setAttribute\(\s*[\"'`](?:style|on\w+)"), "an inline style or handler"),
    (re.compile(r"(?:import|from)\s*\(?\s*[\"'`](?:https?:)?//"), "another host"),
)


def imports(subject: Subject) -> Iterator[str]:
    """Of the server a plugin imports ``ecrm_server.api`` alone, and no other plugin."""
    for path in subject.files(".py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for module in _modules(node):
                if module.split(".")[0] in ("plugins", "ecrm_plugins"):
                    yield f"{subject.name_of(path)} imports {module}; use services, events or hooks."
                elif module.split(".")[0] == "ecrm_server" and module != "ecrm_server.api":
                    yield f"{subject.name_of(path)} imports {module}; plugins import ecrm_server.api alone."


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [item.name for item in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return (
            [f"{node.module}.{item.name}" for item in node.names]
            if node.module == "ecrm_server"
            else [node.module]
        )
    return []


def markup(subject: Subject) -> Iterator[str]:
    """Templates and scripts keep the strict content security policy."""
    for suffix, rules in ((".html", _TAG_FAULTS), (".js", _SCRIPT_FAULTS)):
        for path in subject.files(suffix):
            text = path.read_text("utf-8")
            for pattern, what in rules:
                for match in pattern.finditer(text):
                    yield f"{subject.name_of(path)}, line {text.count(chr(10), 0, match.start()) + 1}: {what}."


def tests(subject: Subject) -> Iterator[str]:
    """There are tests."""
    if "def test_" not in subject.test_text:
        yield "The folder tests holds no test."


def size(subject: Subject) -> Iterator[str]:
    """A file of Python has at most 300 lines; migrations are as long as they must be."""
    for path in subject.files(".py"):
        lines = path.read_text("utf-8").count("\n")
        if lines > MAX_LINES and path.parent.name != "migrations":
            yield f"{subject.name_of(path)} has {lines} lines; split it below {MAX_LINES}."


def translations(subject: Subject) -> Iterator[str]:
    """Every catalogue is complete and compiled after its last change."""
    for path in subject.files(".po"):
        with path.open("rb") as file:
            missing = [str(item.id) for item in read_po(file) if item.id and not item.string]
        if missing:
            yield f"{subject.name_of(path)} does not translate {missing[0]!r}."
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            yield f"{subject.name_of(path)} is not compiled; run pybabel compile -d translations."
