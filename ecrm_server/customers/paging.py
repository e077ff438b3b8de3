"""Pages of customers or organisations with all their facts, asked for as in their lists: by rule, search and order."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.customers import reading, visibility
from ecrm_server.customers.facts import CUSTOMER, Subject
from ecrm_server.errors import Forbidden
from ecrm_server.lists import cursor, state
from ecrm_server.lists.bound import bind
from ecrm_server.lists.query import Query, rule_of
from ecrm_server.lists.ways import find

SIZE = 50


def page(
    actor: Actor, subject: Subject = CUSTOMER, *, q: str = "", tree: str = "", sort: str = "", after: str = "",
    limit: int = SIZE,
) -> tuple[list[dict[str, Any]], str]:  # fmt: skip
    """Rows as the actor may see them, and the cursor of the next page.

    q: part of a name, number or e-mail address. tree: a rule as JSON. sort: a column of the list, ``-`` before it for
    descending; by name otherwise. Raises Refusal for what the list does not know, TooSlow after a second.
    """
    if not visibility.sees_any(actor):
        raise Forbidden()
    bound = bind(f"customers.{subject.name}s", actor)
    asked = state.read({"q": q, "filter": tree, "sort": sort or bound.kind.sort})
    rule = rule_of(bound, state.check(asked, bound), asked.q)
    column = bound.columns.get(asked.sorted_by)
    start = cursor.read(after, bound.value_kind(column) if column else None)
    found = find(Query(bound, clock.now(), rule, (), column, asked.descending), limit, start, None).page
    rows = reading.many(actor, subject, [row["uid"] for row in found.rows])
    return rows, str(found.after) if found.after else ""
