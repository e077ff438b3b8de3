"""Ten filters, each with an order, that people ask of a big list, over columns and custom fields with indexes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ecrm_server.access import Actor
from ecrm_server.bench.million import PLANS
from ecrm_server.data import Prepared
from ecrm_server.lists.bound import Bound, bind
from ecrm_server.lists.look import Look, look
from ecrm_server.lists.state import State, check

LIST = "customers.customers"
VALUES = 10
"""How many filters there are of each pair."""

CREATED, UPDATED, STAGE = (
    "customer_created_at_id_index",
    "customer_updated_at_id_index",
    "customer_stage_id_index",
)
COUNTRY, RENEWAL = "customer_country_list", "customer_x_renewal_index"

_OWNERS = Prepared(
    "SELECT p.uid FROM profile p WHERE p.account_id IN (SELECT c.owner_id FROM customer c) ORDER BY p.id LIMIT ?"
)
_PLACES = ("DE", "FR", "GB", "AT", "LI")
_STAGES = ("lead", "lapsed", "advocate", "customer", "visitor")


@dataclass(frozen=True, slots=True)
class Pair:
    """A filter and an order. indexes: by which the rows are found, now by one, now by the other.

    conditions: those of the number-th filter, with other values each time.
    """

    name: str
    sort: str
    indexes: tuple[str, ...]
    conditions: Callable[[int], list[dict[str, Any]]]

    def state(self, number: int) -> State:
        """The number-th one as the page's address holds it; every other one is turned around."""
        sort = self.sort if number % 2 == 0 else f"-{self.sort}".removeprefix("--")
        return State(filter={"all": self.conditions(number)}, sort=sort)


def is_(trait: str, word: str, value: Any) -> dict[str, Any]:
    """One condition on a trait of customers."""
    return {"trait": f"customers.{trait}", "op": word, "value": value}


def pairs() -> list[Pair]:
    """The ten, for the customers that there are."""
    owners = [uid for (uid,) in _OWNERS.tuples(VALUES)]
    return [
        Pair(
            "of a stage, newest first", "-created_at", (CREATED, STAGE),
            lambda n: [is_("stage", "is", _STAGES[n % 5])],
        ),
        Pair(
            "of an owner, last changed first", "-updated_at", ("customer_owner_id", UPDATED),
            lambda n: [is_("owner", "is", owners[n % len(owners)])],
        ),
        Pair(
            "of a city, by name", "name", ("customer_city_key_list",),
            lambda n: [is_("city", "is", f"City {n * 97}")],
        ),
        Pair(
            "of a country, by e-mail address", "email", ("customer_email_key", COUNTRY),
            lambda n: [is_("country", "is", _PLACES[n % 5])],
        ),
        Pair(
            "added in the last days, by name", "name", (CREATED, "customer_name_key_id"),
            lambda n: [is_("created_at", "within last days", 1 + n * 3)],
        ),
        Pair(
            "not changed for long, oldest first", "updated_at", (UPDATED, STAGE),
            lambda n: [is_("updated_at", "more than days ago", 399 - n * 20), is_("stage", "is", _STAGES[n % 5])],
        ),
        Pair(
            "on a plan, by renewal", "x_renewal", ("customer_x_plan_index", RENEWAL),
            lambda n: [is_("x_plan", "is", PLANS[n % 4])],
        ),
        Pair(
            "renewed in a span, by name", "name", (RENEWAL,),
            lambda n: [is_("x_renewal", "between", [f"202{4 + n % 4}-11-12", f"202{4 + n % 4}-11-{13 + n // 2}"])],
        ),
        Pair(
            "of a high score and a stage, newest first", "-created_at", ("customer_x_score_index", STAGE),
            lambda n: [is_("x_score", ">=", 9_000 + n * 100), is_("stage", "is", _STAGES[n % 5])],
        ),
        Pair(
            "of a revenue in countries, highest first", "-x_revenue", ("customer_x_revenue_index",),
            lambda n: [
                is_("x_revenue", ">=", {"amount": 9_900_000 - n * 900_000, "currency": "EUR"}),
                is_("country", "one of", [*_PLACES[: 1 + n % 4]]),
            ],
        ),
    ]  # fmt: skip


def seen(actor: Actor, state: State, as_of: int, *, after: str = "") -> Look:
    """What the page of a state shows."""
    bound: Bound = bind(LIST, actor)
    return look(bound, state, check(state, bound), as_of, after=after)
