"""What segments add to the facts that rules can ask: the lists kept by hand, and what customers bought."""

from __future__ import annotations

from collections.abc import Sequence

from ecrm_server.api import Expression, Members, Trait, Traits, setting, stored_trait

from .services import purchases
from .services.index import SUBJECT, find_segment

LISTS = stored_trait(
    "segments.lists", "Lists", "set",
    Members(
        "segments_member sm JOIN segments_segment ss ON ss.id = sm.segment_id"
        " WHERE sm.customer_id = t.id AND ss.kind = 'list'",
        "ss.uid",
    ),
    events=("segments.entered", "segments.left"),
)  # fmt: skip
_CHANGED = ("segments.purchases_changed",)


def bought() -> Sequence[Trait]:
    """Recency, frequency and monetary value, as long as a plugin with orders is there."""
    if not purchases.offered():
        return ()
    return [
        stored_trait(
            "segments.last_order", "Last order", "time", _of_purchases("MAX(sp.last_at)"), events=_CHANGED
        ),
        stored_trait(
            "segments.first_order", "First order", "time", _of_purchases("MIN(sp.first_at)"), events=_CHANGED
        ),
        stored_trait(
            "segments.orders", "Number of orders", "integer", _of_purchases("CAST(SUM(sp.orders) AS BIGINT)"),
            events=_CHANGED,
        ),
        *(_spent(currency) for currency in currencies()),
    ]  # fmt: skip


def currencies() -> list[str]:
    """The currencies whose amounts rules can ask for."""
    return str(setting("segments.currencies")).split()


def _spent(currency: str) -> Trait:
    name = f"segments.spent_{currency.lower()}"
    amount = Expression(
        "SELECT sp.spent FROM segments_purchases sp WHERE sp.customer_id = t.id AND sp.currency = ?",
        (currency,),
    )
    return stored_trait(name, f"Spent in {currency}", "money", amount, currency=currency, events=_CHANGED)


def _of_purchases(what: str) -> Expression:
    return Expression(f"SELECT {what} FROM segments_purchases sp WHERE sp.customer_id = t.id")


ALL = [Traits(kind=SUBJECT, traits=bought, lists=LISTS, segments=find_segment)]
