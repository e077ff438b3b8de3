"""Calls in templates whose result stays the same for a whole generation, made once while the template is compiled.

A page calls ``_``, ``icon`` and ``asset`` some two hundred times, nearly always with constants. Each call costs about
five microseconds in Jinja; folded into the text around it, none. Short loops over constants are written out for that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

LONGEST_LOOP = 40
_SCOPED = (
    nodes.Macro,
    nodes.CallBlock,
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Block,
    nodes.Scope,
)
"""What a loop's body may not hold if it is to be written out: it would see other variables."""

Foldable = Mapping[str, Callable[..., Any]]


def fold(template: nodes.Template, functions: Foldable) -> nodes.Template:
    """Replace calls of these functions with constant arguments by their results, in place.

    A function whose name the template gives to something of its own stays as it is.
    """
    own = _assigned(template)
    _Fold({name: function for name, function in functions.items() if name not in own}).visit(template)
    return template


class _Fold(NodeTransformer):
    def __init__(self, functions: Foldable) -> None:
        self._functions = functions

    def visit_For(self, node: nodes.For) -> nodes.Node | list[nodes.Node]:  # noqa: N802
        """Write a short loop over constants out, so that what it calls can be folded too."""
        node.iter = self.visit(node.iter)
        items = _constant_items(node)
        if items is None:
            self.generic_visit(node)
            return node
        body = [_with(child, values) for values in items for child in node.body]
        written: list[nodes.Node] = []
        for child in body:
            result: Any = self.visit(child)
            written += result if isinstance(result, list) else [result]
        return _joined(written)

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802  (the visitor's naming)
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        function = self._functions.get(name)
        if function is None or node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        try:
            args = [argument.as_const() for argument in node.args]
            kwargs = {pair.key: pair.value.as_const() for pair in node.kwargs}
        except nodes.Impossible:
            return node
        result = nodes.Const(function(*args, **kwargs), lineno=node.lineno)
        if node.environment is not None:
            result.set_environment(node.environment)
        return result


def in_ascii(template: nodes.Template) -> nodes.Template:
    """Write letters beyond ASCII in the text of a page as references, in place.

    A page of 90 kB is encoded in 1 microsecond when all of it is ASCII, in 80 when there is a single other letter.
    """
    for text in template.find_all(nodes.TemplateData):
        text.data = ascii_html(text.data)
    for const in template.find_all(nodes.Const):
        if isinstance(const.value, Markup):
            const.value = Markup(ascii_html(const.value))
    return template


def ascii_html(html: str) -> str:
    """HTML with references for letters beyond ASCII. Not for what stands inside scripts and styles."""
    return html if html.isascii() else html.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _constant_items(loop: nodes.For) -> list[dict[str, Any]] | None:
    """The variables of each round of a loop that can be written out; None for every other loop."""
    if loop.else_ or loop.test is not None or loop.recursive or any(loop.find_all(_SCOPED)):
        return None
    if any(
        name.name == "loop" or name.ctx != "load" for part in loop.body for name in part.find_all(nodes.Name)
    ):
        return None
    try:
        items = loop.iter.as_const()  # type: ignore[attr-defined]
    except nodes.Impossible:
        return None
    if not isinstance(items, list | tuple) or not 0 < len(items) <= LONGEST_LOOP:
        return None
    if isinstance(loop.target, nodes.Name):
        return [{loop.target.name: item} for item in items]
    names = [target.name for target in loop.target.find_all(nodes.Name)]
    return [dict(zip(names, item, strict=True)) for item in items]


def _with(node: nodes.Node, values: Mapping[str, Any]) -> nodes.Node:
    """A copy of a node with constants in place of some variables."""
    copy: nodes.Node
    if isinstance(node, nodes.Name) and node.name in values:
        copy = nodes.Const(values[node.name], lineno=node.lineno)
    else:
        fields = (getattr(node, field) for field in node.fields)
        copy = type(node)(*(_copied(field, values) for field in fields), lineno=node.lineno)
    if node.environment is not None:
        copy.set_environment(node.environment)
    return copy


def _joined(statements: list[nodes.Node]) -> list[nodes.Node]:
    """Pieces of output that follow each other as one."""
    joined: list[nodes.Node] = []
    for statement in statements:
        if isinstance(statement, nodes.Output) and joined and isinstance(joined[-1], nodes.Output):
            joined[-1].nodes.extend(statement.nodes)
        else:
            joined.append(statement)
    return joined


def _copied(field: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(field, nodes.Node):
        return _with(field, values)
    if isinstance(field, list):
        return [_copied(item, values) for item in field]
    return field


def _assigned(template: nodes.Template) -> set[str]:
    """Names that the template itself gives to variables, parameters, macros and imports."""
    names = {name.name for name in template.find_all(nodes.Name) if name.ctx != "load"}
    names |= {macro.name for macro in template.find_all(nodes.Macro)}
    names |= {imported.target for imported in template.find_all(nodes.Import)}
    for imported in template.find_all(nodes.FromImport):
        names |= {alias if isinstance(alias, str) else alias[1] for alias in imported.names}
    return names
