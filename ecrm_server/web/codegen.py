"""What templates compile to, with one change: text that is safe already is not escaped again."""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame


class QuickOutput(CodeGenerator):
    """Prints a ``Markup`` as it is. ``escape`` would copy it, and a page prints some two hundred of them."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if _plainly_escaped(frame, finalize):
            self.write("(quick if type(quick := ")
        else:
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if _plainly_escaped(frame, finalize):
            self.write(") is Markup else escape(quick))")
        else:
            super()._output_child_post(node, frame, finalize)


def _plainly_escaped(frame: Frame, finalize: Any) -> bool:
    return bool(frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None)
