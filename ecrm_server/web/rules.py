"""URL rules whose expensive half is made when somebody first builds a URL, and shared by all generations.

Werkzeug compiles, for each rule, a function that serves only ``url_for``; that is most of the time a build takes.
"""

from __future__ import annotations

from typing import Any

from werkzeug.routing import Rule

_shared: dict[tuple[Any, ...], Any] = {}


class LazyRule(Rule):
    """A rule that compiles its URL builder at the first ``url_for``."""

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        compiled: list[Any] = []
        compile_now = super()._compile_builder

        def build(*args: Any, **kwargs: Any) -> Any:
            if not compiled:
                key = (self.rule, self.subdomain, self.host, repr(self.defaults), append_unknown)
                if key not in _shared:
                    _shared[key] = compile_now(append_unknown)
                compiled.append(_shared[key])
            return compiled[0](*args, **kwargs)

        return build
