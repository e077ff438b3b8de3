"""The order of plugins: what a plugin needs comes before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ecrm_server.kernel.manifest import Manifest


def in_order(names: Iterable[str], manifests: Mapping[str, Manifest]) -> tuple[list[str], dict[str, str]]:
    """Sort plugins so that needs (and wants, where present) come first.

    Returns the order and, for plugins that must be left out, the reason by name: a need that is missing, off or in
    a circle.
    """
    wanted = sorted(set(names))
    ordered: list[str] = []
    left_out: dict[str, str] = {}
    visiting: list[str] = []

    def visit(name: str) -> bool:
        if name in ordered:
            return True
        if name in left_out:
            return False
        if name in visiting:
            circle = " needs ".join([*visiting[visiting.index(name) :], name])
            left_out[name] = f"{circle}: plugins cannot need each other in a circle."
            return False
        visiting.append(name)
        missing = [need for need in manifests[name].needs if need not in wanted or not visit(need)]
        visiting.pop()
        if missing:
            left_out.setdefault(name, f"It needs {', '.join(missing)}, which is not enabled or not working.")
            return False
        for want in manifests[name].wants:
            if want in wanted and want not in visiting:
                visit(want)
        if name not in ordered:
            ordered.append(name)
        return True

    for name in wanted:
        if name in manifests:
            visit(name)
        else:
            left_out[name] = "Its folder or package is gone."
    return ordered, left_out


def dependants(name: str, enabled: Iterable[str], manifests: Mapping[str, Manifest]) -> list[str]:
    """The enabled plugins that need this one, directly or through others."""
    found: list[str] = []
    pending = [name]
    others = [other for other in enabled if other in manifests]
    while pending:
        needed = pending.pop()
        for other in others:
            if needed in manifests[other].needs and other not in found:
                found.append(other)
                pending.append(other)
    return sorted(found)
