"""Lists kept by hand, and rules that use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.errors import Forbidden, NotFound, Refusal

pytestmark = [pytest.mark.usefixtures("both_engines"), pytest.mark.plugins("segments")]

Customer = Callable[..., str]
Person = Callable[..., Actor]


def test_customers_are_put_in_by_pasting_what_is_known_of_them(segments: Any, customer: Customer) -> None:
    ada = customer("Ada", email="Ada@example.org")
    customer("Bo", number="K-17")
    customer("Cy")
    uid = segments.make("Fair")
    done = segments.hand.add_pasted(SYSTEM, uid, f"ada@example.org; K-17\nnobody@example.org {ada}")
    assert (done.changed, done.unchanged, done.unknown) == (2, 0, ("nobody@example.org",))
    assert segments.names(uid) == ["Ada", "Bo"]
    assert segments.hand.add_pasted(SYSTEM, uid, "K-17").unchanged == 1
    assert segments.hand.remove(SYSTEM, uid, [ada]).changed == 1
    assert segments.names(uid) == ["Bo"]


def test_a_rule_that_uses_a_list_follows_it_at_once(
    segments: Any, customer: Customer, emitted: Callable[..., list[dict[str, Any]]]
) -> None:
    ada = customer("Ada")
    fair = segments.make("Fair")
    rest = segments.make("Not at the fair", {"not": {"segment": fair}})
    assert segments.names(rest) == ["Ada"]
    segments.hand.add(SYSTEM, fair, [ada])
    assert segments.names(rest) == []
    told = [(event["name"], event["data"]["segment"], event["data"]["cause"]) for event in emitted()[-2:]]
    assert told == [("segments.entered", fair, "hand"), ("segments.left", rest, "event")]


def test_nobody_is_put_into_a_segment_with_a_rule(segments: Any, customer: Customer) -> None:
    uid = segments.make("Germans", {"trait": "customers.country", "op": "is", "value": "DE"})
    with pytest.raises(Refusal, match="rule decides"):
        segments.hand.add(SYSTEM, uid, [customer("Ada")])
    with pytest.raises(NotFound):
        segments.hand.add(SYSTEM, "nothing", [])
    with pytest.raises(Refusal, match="Paste numbers"):
        segments.hand.add_pasted(SYSTEM, uid, " ,; ")


def test_staff_put_in_only_whom_they_see(segments: Any, customer: Customer, person: Person) -> None:
    stella = person("Stella", "staff")
    uid = segments.make("Fair")
    other = customer("Ada", email="ada@example.org")
    outsider = person("Oz")
    with pytest.raises(Forbidden):
        segments.hand.add(outsider, uid, [other])
    assert segments.hand.search(outsider, "Ada") == []
    assert [row["name"] for row in segments.hand.search(stella, "ad")] == ["Ada"]
