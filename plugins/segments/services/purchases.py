"""What customers bought, summed up for each: recency, frequency and monetary value.

The definitions are those of the contract of orders (docs/decisions/0009): a line counts as far as it was kept; first
and last order are those with a kept line, orders is how many those are, and spent what their lines brought without tax.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ecrm_server.api import (
    Delivered,
    Prepared,
    ask,
    emit,
    enqueue_job,
    generation,
    insert_many,
    transaction,
)

from .. import events
from . import state
from .concerned import customers as customers_of

SERVICE = "orders.purchases@1"
JOB = "segments.fill_purchases"
PAGE = 5_000
TOUCHED = 0
"""The segment in whose name customers are noted while everything is read."""

_UID = Prepared("SELECT uid FROM customer WHERE id = ?")
_ID = Prepared("SELECT id FROM customer WHERE uid = ?")
_OF = Prepared(
    "SELECT currency, first_at, last_at, orders, spent FROM segments_purchases WHERE customer_id = ? ORDER BY currency"
)
_FORGET = Prepared("DELETE FROM segments_purchases WHERE customer_id = ?")
_FORGET_ALL = Prepared("DELETE FROM segments_purchases")
_STATE = Prepared("SELECT filled, filling FROM segments_state WHERE id = 1")
_SET_STATE = Prepared("UPDATE segments_state SET filled = ?, filling = ? WHERE id = 1")
_TOUCHED_SOME = Prepared("SELECT customer_id FROM segments_touched WHERE segment_id = ? LIMIT 500")
_UNTOUCH = Prepared("DELETE FROM segments_touched WHERE segment_id = ? AND customer_id = ?")
_UNTOUCH_ALL = Prepared("DELETE FROM segments_touched WHERE segment_id = ?")
_COLUMNS = ("customer_id", "currency", "first_at", "last_at", "orders", "spent")
_ADD = (
    "(customer_id, currency) DO UPDATE SET"
    " first_at = CASE WHEN excluded.first_at < segments_purchases.first_at THEN excluded.first_at"
    " ELSE segments_purchases.first_at END,"
    " last_at = CASE WHEN excluded.last_at > segments_purchases.last_at THEN excluded.last_at"
    " ELSE segments_purchases.last_at END,"
    " orders = segments_purchases.orders + excluded.orders, spent = segments_purchases.spent + excluded.spent"
)


@dataclass(slots=True)
class Summary:
    """Of one customer in one currency. last: the order that was counted last."""

    first_at: int
    last_at: int
    orders: int = 0
    spent: int = 0
    last: str = ""

    def add(self, line: dict[str, Any]) -> None:
        """Count a kept line; the lines of one order come one after the other."""
        self.first_at, self.last_at = (
            min(self.first_at, line["placed_at"]),
            max(self.last_at, line["placed_at"]),
        )
        self.spent += line["net"] - line["credited"]
        if line["order"] != self.last:
            self.orders, self.last = self.orders + 1, line["order"]


def offered() -> bool:
    """Whether a plugin with orders is there."""
    return SERVICE in generation().registry.services


def happened(event: Delivered) -> None:
    """An order changed, or customers were merged: sum up anew for those it is about. In the courier's transaction."""
    if not offered():
        return
    about = customers_of(event) or []
    if not about:
        return
    state.lock()
    if _STATE.rows()[0]["filling"]:
        rows = [(TOUCHED, customer) for customer in about]
        insert_many("segments_touched", ("segment_id", "customer_id"), rows, conflict="DO NOTHING")
        return
    for customer in about:
        _sum_up(customer)


def fill_once() -> None:
    """Ask for the first reading when a plugin with orders came; what was summed up goes with a plugin that left."""
    with transaction():
        state.lock()
        row = _STATE.rows()[0]
        if offered() and not row["filled"] and not row["filling"]:
            again()
        elif not offered() and row["filled"]:
            _FORGET_ALL.run()
            _SET_STATE.run(False, False)


def again() -> bool:
    """Ask for all purchases to be read anew, after which all segments are built; whether anybody offers them."""
    if offered():
        enqueue_job(JOB, unique=True)
    return offered()


def fill(run: Any) -> None:
    """Read all purchases and build the segments that ask for them. Begun again, it begins from the start."""
    from . import building

    with transaction():
        state.lock()
        _SET_STATE.run(False, True)
        _UNTOUCH_ALL.run(TOUCHED)
        _FORGET_ALL.run()
    read = 0
    last_order = ("", "")
    for lines in _pages():
        run.check()
        found: dict[tuple[str, str], Summary] = {}
        for line in lines:
            last_order = _count(found, line, last_order)
        with transaction():
            _add(found)
        read += len(lines)
        run.progress(read)
    _finish_fill()
    building.all_soon()


def _pages(**of: Any) -> Iterator[list[dict[str, Any]]]:
    """Lines of a customer or of all, a page at a time. Raises RuntimeError when the plugin with the orders fails."""
    after, as_of = "", state.analysis_end()
    while True:
        lines = ask(SERVICE, as_of=as_of, after=after, limit=PAGE, **of)
        if lines is None:
            raise RuntimeError(f"{SERVICE} gave no answer")
        if lines:
            yield lines
        if len(lines) < PAGE:
            return
        after = lines[-1]["line"]


def _count(
    found: dict[tuple[str, str], Summary], line: dict[str, Any], counted: tuple[str, str]
) -> tuple[str, str]:
    """Count a line of anybody; gives (customer, order) last counted, since an order may go on on the next page."""
    if line["customer"] is None or not _kept(line):
        return counted
    key = (line["customer"], line["currency"])
    if key not in found:
        found[key] = Summary(
            line["placed_at"], line["placed_at"], last=counted[1] if counted[0] == key[0] else ""
        )
    found[key].add(line)
    return key[0], line["order"]


def _kept(line: dict[str, Any]) -> bool:
    return bool(line["quantity"] - line["cancelled"] - line["returned"] > 0)


def _add(found: dict[tuple[str, str], Summary]) -> None:
    rows = []
    for (uid, currency), one in found.items():
        customer = _ID.value(uid)
        if customer is not None:
            rows.append((customer, currency, one.first_at, one.last_at, one.orders, one.spent))
    insert_many("segments_purchases", _COLUMNS, rows, conflict=_ADD)


def _finish_fill() -> None:
    while True:
        with transaction():
            state.lock()
            rest = [row[0] for row in _TOUCHED_SOME.tuples(TOUCHED)]
            for customer in rest:
                _sum_up(customer)
                _UNTOUCH.run(TOUCHED, customer)
            if not rest:
                _SET_STATE.run(True, False)
                return


def _sum_up(customer: int) -> None:
    """Sum up one customer's purchases, and tell when that changed anything."""
    uid = _UID.value(customer)
    found: dict[tuple[str, str], Summary] = {}
    last = ("", "")
    for lines in _pages(customer=uid):
        for line in lines:
            last = _count(found, {**line, "customer": uid}, last)
    rows = sorted(
        (customer, currency, one.first_at, one.last_at, one.orders, one.spent)
        for (_, currency), one in found.items()
    )
    if [tuple(row) for row in _OF.tuples(customer)] == [row[1:] for row in rows]:
        return
    _FORGET.run(customer)
    insert_many("segments_purchases", _COLUMNS, rows)
    emit(events.PurchasesChanged(customer=uid))
