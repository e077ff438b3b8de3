"""The list of every route with its permission, as text to be compared and read in a review."""

from __future__ import annotations

from pathlib import Path

from ecrm_server.kernel.generation import Generation
from ecrm_server.reference.reach import routes

GOLDEN = Path(__file__).with_name("routes.txt")


def text(generation: Generation) -> str:
    """One line per route and method: path, method, permission (``*`` everybody, ``+`` signed in)."""
    return "".join(f"{path} {method} {permission}\n" for path, method, permission, _ in routes(generation))
