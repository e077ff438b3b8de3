from __future__ import annotations

from dataclasses import field

import pytest

from ecrm_server.errors import PluginError
from ecrm_server.events import Event


class Packed(Event, name="test.packed"):
    """Somebody packed a parcel."""

    parcel: str
    items: list[str]
    weights: dict[str, int] | None = None
    notes: list = field(default_factory=list)


def test_fields_are_described_by_their_own_type() -> None:
    found = {name: (type(item).__name__, item.required, item.allow_none) for name, item in Packed.schema.fields.items()}
    assert found == {
        "parcel": ("String", True, False),
        "items": ("List", True, False),
        "weights": ("Dict", False, True),
        "notes": ("List", False, False),
    }


def test_a_field_is_of_one_type() -> None:
    with pytest.raises(PluginError, match="cannot be"):

        class Odd(Event, name="test.odd"):
            either: str | int
