"""One cell family of the matrix: an endpoint with an object, and who gets how far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.security import people as p


@dataclass(frozen=True)
class Row:
    """``path``, ``form`` and ``json`` may name uids of the world in braces.

    ``who`` passes the guard of the route; others are sent to the sign-in page (401: programs, changes) or get 403.
    ``sees``: those of them for whom the object exists; others get 404, as for an object that is not there.
    ``may``: those of them who are allowed to do it; others are told why not, and nothing changes.
    ``changes``: whether an allowed request must change the database. ``ok``: further statuses that mean "allowed".
    """

    endpoint: str
    path: str
    who: frozenset[str]
    method: str = "GET"
    sees: frozenset[str] = p.ALL
    may: frozenset[str] = p.ALL
    form: Mapping[str, Any] | None = None
    json: Mapping[str, Any] | None = None
    changes: bool = True
    ok: tuple[int, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.endpoint})"


def get(
    endpoint: str, path: str, who: frozenset[str] = p.ALL, sees: frozenset[str] = p.ALL, **more: Any
) -> Row:
    return Row(endpoint, path, who, "GET", sees, **more)


def post(
    endpoint: str,
    path: str,
    who: frozenset[str],
    form: Mapping[str, Any] | None = None,
    *,
    sees: frozenset[str] = p.ALL,
    may: frozenset[str] = p.ALL,
    **more: Any,
) -> Row:
    return Row(endpoint, path, who, "POST", sees, may, form or {}, **more)
