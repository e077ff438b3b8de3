"""Addresses of the lists that nobody's page made."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.customers import services
from ecrm_server.errors import Refusal
from ecrm_server.lists.cursor import Position
from ecrm_server.rules import parse
from ecrm_server.rules.catalogue import trait_set
from ecrm_server.testing import Browser


@pytest.mark.parametrize("value", [True, False, 0, 1])
def test_a_forged_place_among_truth_values_is_one_on_both_engines(
    both_engines: str, sign_in: Callable[..., Browser], value: Any
) -> None:
    services.create(SYSTEM, "Bo", email="bo@cogs.example")
    staff = sign_in("Stan", "staff")
    for way in ("after", "before"):
        assert staff.get(f"/customers?sort=email_known&{way}={Position(value, 1)}").status_code == 200


@pytest.mark.parametrize("condition", [
    {"trait": "customers.name", "op": "contains", "value": "\ud800"},
    {"trait": "customers.source", "op": "is", "value": "\ud800"},
    {"trait": "customers.tags", "op": "has any of", "value": ["\udfff"]},
    {"trait": "\ud800", "op": "is", "value": "x"},
    {"segment": "\ud800"},
    {"\ud800": []},
])  # fmt: skip
def test_a_filter_with_half_a_character_is_refused_with_a_sentence(
    both_engines: str, sign_in: Callable[..., Browser], condition: dict[str, Any]
) -> None:
    staff = sign_in("Stan", "staff")
    answer = staff.get(f"/customers?filter={quote(json.dumps(condition))}")
    assert answer.status_code < 500
    assert "The filter in the address is no rule" in answer.text


@pytest.mark.parametrize("value", ["\0", "\ud800", "a\nb"])
@pytest.mark.parametrize("name", ["owner", "team"])
def test_a_rule_names_nobody_whom_no_database_could_be_asked_for(
    both_engines: str, site: Any, name: str, value: str
) -> None:
    rule = {"trait": f"customers.{name}", "op": "is", "value": value}
    with pytest.raises(Refusal):
        parse(rule, trait_set("customer"))
