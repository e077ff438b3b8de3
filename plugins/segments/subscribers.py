"""What segments do when something has happened."""

from __future__ import annotations

from ecrm_server.api import Delivered, on

from .services import following, purchases


@on("*", imported=True, missed="catch_up")
def follow(event: Delivered) -> None:
    """Which events matter is decided by the rules of the segments, which change while the server runs."""
    following.happened(event)


@on("orders.*", imported=True, missed="catch_up")
def count_purchases(event: Delivered) -> None:
    """Keep what a customer bought; its traits change with it."""
    purchases.happened(event)


@on("customers.merged", name="count_purchases_after_merge", missed="catch_up")
@on("customers.unmerged", name="count_purchases_after_unmerge", missed="catch_up")
def count_purchases_of_both(event: Delivered) -> None:
    """After a merge the orders are those of the customer that stays."""
    purchases.happened(event)
