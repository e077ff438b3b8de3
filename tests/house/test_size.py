from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.sources import Source, python_sources

FILE_LINES = 400
FUNCTION_LINES = 60


def long_functions(source: Source, limit: int = FUNCTION_LINES) -> Iterator[str]:
    """Functions of `limit` lines and more, docstring included; a migration is one long list of tables."""
    if "migrations" in source.parts:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length >= limit:
                yield f"{source.path}:{node.lineno}: {node.name} has {length} lines"


def test_files_are_short() -> None:
    lengths = {source.path: source.text.count("\n") for source in python_sources("ecrm_server", "plugins")}
    faults = [f"{path}: {length} lines" for path, length in lengths.items() if length >= FILE_LINES]
    assert not faults, "\n".join(faults)


def test_functions_can_be_read_without_scrolling() -> None:
    faults = [
        fault for source in python_sources("ecrm_server", "plugins") for fault in long_functions(source)
    ]
    assert not faults, "\n".join(faults)


def test_a_long_function_is_found() -> None:
    text = "def f():\n" + "    pass\n" * FUNCTION_LINES
    assert list(long_functions(Source("ecrm_server/a.py", text)))
