"""Work outside requests."""

from __future__ import annotations

from typing import Any

from ecrm_server.api import JobKind

from .services import building, following, purchases


def build(run: Any, segment: str) -> None:
    """Find all members of a segment."""
    building.build(segment, run)


def tick(run: Any) -> None:
    """Look at customers whose time has come."""
    following.tick()
    purchases.fill_once()


def reconcile(run: Any) -> None:
    """Find all members anew, in case somebody changed the database past the server."""
    building.all_soon()


def fill_purchases(run: Any) -> None:
    """Read everybody's purchases from the plugin that has the orders."""
    purchases.fill(run)


JOBS = [
    JobKind(building.JOB, build, title="Find the members of a segment"),
    JobKind("segments.tick", tick, title="Follow the clock in segments", every=30),
    JobKind("segments.reconcile", reconcile, title="Check all segments", every=7 * 86_400),
    JobKind(purchases.JOB, fill_purchases, title="Read purchases for segments"),
]
