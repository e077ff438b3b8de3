"""Hook specifications read as documentation."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ecrm_server.hookspecs import PROJECT
from ecrm_server.kernel import specs

_PREFIX = re.compile(r"^(?:Declaration|Strict)\.\s+")


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook as its specification describes it."""

    name: str
    group: str
    arguments: tuple[tuple[str, str], ...]
    """(name, type) pairs."""
    result: str
    text: str
    """The docstring without its example."""
    example: str
    declaration: bool
    strict: bool

    @property
    def signature(self) -> str:
        listed = ", ".join(f"{name}: {kind}" for name, kind in self.arguments)
        return f"{self.name}({listed}) -> {self.result}"


def hooks() -> list[Hook]:
    """Every hook, group by group, in the order of the files."""
    found = []
    for group, module in specs.groups().items():
        for name, function in vars(module).items():
            if getattr(function, f"{PROJECT}_spec", None) is not None:
                found.append(_hook(group, name, function))
    return found


def _hook(group: str, name: str, function: Callable[..., Any]) -> Hook:
    signature = inspect.signature(function)
    doc = inspect.getdoc(function) or ""
    text, _, example = doc.partition("Example::")
    return Hook(
        name=name,
        group=group,
        arguments=tuple((item.name, str(item.annotation)) for item in signature.parameters.values()),
        result=str(signature.return_annotation),
        text=_PREFIX.sub("", text.strip()),
        example=textwrap.dedent(example).strip(),
        declaration=doc.startswith("Declaration."),
        strict=name in specs.STRICT_HOOKS,
    )


def faults(hook: Hook) -> list[str]:
    """What the documentation of a hook lacks, one sentence each."""
    found = []
    if not hook.text:
        found.append(f"{hook.name} has no docstring.")
    for name, kind in hook.arguments:
        if not re.search(rf"\b{name}\b[^.:]*:", hook.text):
            found.append(f"{hook.name} does not explain its argument {name}.")
        if kind.startswith("<class 'inspect"):
            found.append(f"{hook.name} does not annotate {name}.")
    if hook.result.startswith("<class 'inspect"):
        found.append(f"{hook.name} does not annotate its result.")
    if "@hookimpl" not in hook.example or f"def {hook.name}(" not in hook.example:
        found.append(f"{hook.name} has no example.")
    return found
